/**
 * k6's own modules, imported once for a whole bundle (a second import statement costs every virtual user a few kilobytes). This is
 * the one file that unit tests replace.
 */
export { check, fail, sleep } from 'k6';
export { default as exec } from 'k6/execution';
export { default as http } from 'k6/http';
export { Counter, Rate, Trend } from 'k6/metrics';
