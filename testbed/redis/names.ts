/** What Sentinel calls the master that it watches. */
export const masterName = 'sessions';
export const redisNames = ['redis-1', 'redis-2'] as const;
export const sentinelNames = ['sentinel-1', 'sentinel-2', 'sentinel-3'] as const;
export const quorum = 2;
