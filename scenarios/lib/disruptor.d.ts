/** The part of the k6 extension xk6-disruptor 0.3 that the scenario uses. */
declare module 'k6/x/disruptor' {
  export class PodDisruptor {
    /** @throws Error when the pods cannot be listed, or none matches */
    constructor(pods: { namespace: string; select: { labels: Record<string, string> } });
    targets(): string[];
    /** Returns when the fault is over. @throws Error when the agent could not be put into the pods */
    injectHTTPFaults(
      fault: {
        port: number;
        errorRate?: number;
        errorCode?: number;
        averageDelay?: string;
        /** Exact paths, separated by commas. */
        exclude?: string;
      },
      duration: string,
    ): void;
  }
}
