export { default, options } from '../../chaos/suites/get-health.js';
