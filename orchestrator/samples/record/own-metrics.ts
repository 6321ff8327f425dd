import { ACKNOWLEDGED_COUNTER, FAILED_TRACES_COUNTER } from '../../../thresholds/k6-names.ts';
import { REQUEST_METRICS } from '../recording/records.ts';

/** Metrics that k6 and squall name, not the script: what the verdict looks for by name must be found whatever a secret is. */
export const OWN_METRICS: ReadonlySet<string> = new Set([
  ...REQUEST_METRICS,
  ...['iterations', 'iteration_duration', 'dropped_iterations', 'vus', 'vus_max'],
  ...['checks', 'group_duration', 'data_sent', 'data_received'],
  ...['ws_connecting', 'ws_msgs_received', 'ws_msgs_sent', 'ws_ping', 'ws_session_duration', 'ws_sessions'],
  ...['grpc_req_duration', 'grpc_streams', 'grpc_streams_msgs_received', 'grpc_streams_msgs_sent'],
  ACKNOWLEDGED_COUNTER,
  FAILED_TRACES_COUNTER,
]);
