export const urlOf = (path) => `${__ENV.BASE_URL}${path}`;
