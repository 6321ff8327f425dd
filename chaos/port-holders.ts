/**
 * Whether this program holds the ports of containers for them: to hit it would cut a container off, not hit what is in it. Docker itself
 * does so where `userland-proxy` is off.
 */
export function isStandIn(program: string): boolean {
  return /^(dockerd|docker-proxy|rootlessport|rootlesskit|conmon|slirp4netns|pasta)\b/.test(program);
}

/** Whether it listens for programs that it manages: to hit it would hit all of them, and nothing would start it again. */
export function isManager(program: string): boolean {
  return /^(PM2 v\S+: God|supervisord|circusd|inetd|xinetd|systemd|launchd|passenger)/i.test(program);
}
