# squall in an image, with a k6 and without root:
#
#     docker build -t squall .
#     docker run --rm --init -v "$PWD":/work squall validate chaos/drills/spike.yaml
#
# Faults on processes (`provider: local`) reach only what is in the same container. This image is for clusters, clouds and links.
ARG NODE=22
ARG K6=1.8.1

FROM grafana/k6:${K6} AS k6

FROM node:${NODE}-slim AS pack
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm pack --silent --pack-destination / && mv /squall-*.tgz /squall.tgz

FROM node:${NODE}-slim
COPY --from=k6 /usr/bin/k6 /usr/bin/k6
COPY --from=pack /squall.tgz /tmp/squall.tgz
RUN npm install --global --no-audit --no-fund /tmp/squall.tgz && npm cache clean --force && rm /tmp/squall.tgz
# What a run may have to undo is noted here. A volume keeps it when the container is gone: `squall recover` needs it.
ENV XDG_STATE_HOME=/state K6_BIN=/usr/bin/k6 K6_AUTO_EXTENSION_RESOLUTION=false
RUN install -d -o node -g node /state /work
VOLUME /state
WORKDIR /work
# By number, so that Kubernetes can see that it is not root (runAsNonRoot).
USER 1000:1000
ENTRYPOINT ["squall"]
CMD ["--help"]
