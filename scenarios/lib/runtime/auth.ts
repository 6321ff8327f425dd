import { textFrom } from './env.ts';
import { fieldsOf } from './fields.ts';
import { http } from './k6.ts';
import { baseUrl, request } from './target.ts';

/** The user that the load logs in as. `-e TOKEN` wins over `-e USER_NAME` and `-e PASSWORD`. */
export const user = textFrom('USER_NAME', 'user');

/**
 * A bearer token for the load, to be called in setup(). Null when the target cannot be reached or fails: the run goes on, and its
 * requests show what is wrong.
 * @throws Error when the target refuses the user: no request could succeed.
 */
export const login = (name = user, password = textFrom('PASSWORD', 'squall')): string | null => {
  const given = textFrom('TOKEN', '');
  if (given) return given;
  const response = http.post(`${baseUrl}/api/login`, JSON.stringify({ user: name, password }), {
    ...request({ name: 'POST /api/login' }, { 'Content-Type': 'application/json' }),
    responseType: 'text',
  });
  if (response.status === 200 || response.status === 201) {
    const { token } = fieldsOf(response);
    if (typeof token === 'string') return token;
    throw new Error(`login: POST ${baseUrl}/api/login answered ${response.status} without a token`);
  }
  if (response.status >= 400 && response.status < 500 && response.status !== 429) {
    throw new Error(
      `login: ${name} was refused with ${response.status}: set -e USER_NAME and -e PASSWORD, or -e TOKEN`,
    );
  }
  console.error(
    `login: POST ${baseUrl}/api/login failed: ${response.error || `status ${response.status}`}; is the target up (-e BASE_URL=…)?`,
  );
  return null;
};

export const bearer = (token: string | null): Record<string, string> => {
  return token === null ? {} : { Authorization: `Bearer ${token}` };
};
