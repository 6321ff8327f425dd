/** What a frame of a WebSocket says; null where it is no JSON, or none that says anything. What is in it is for the caller to check. */
export const readFrame = <Said>(data: unknown): Partial<Said> | null => {
  try {
    return JSON.parse(String(data));
  } catch {
    return null;
  }
};
