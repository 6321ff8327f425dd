/** The JSON in a WebSocket frame; null if it is not JSON. The caller checks what is in it. */
export const readFrame = <Said>(data: unknown): Partial<Said> | null => {
  try {
    return JSON.parse(String(data));
  } catch {
    return null;
  }
};
