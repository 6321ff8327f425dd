/** The fields of the JSON object in an answer; none if it holds something else, so that an HTML page does not end the iteration. */
export const fieldsOf = (response: { json(): unknown }): Readonly<Record<string, unknown>> => {
  try {
    const value = response.json();
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};
