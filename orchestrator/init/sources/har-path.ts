/** A query without what is there to get past caches: `_=1726482000123`, which is another one each time. */
export function withoutBusting(search: string): string {
  const kept = search
    .replace(/^\?/, '')
    .split('&')
    .filter(
      (one) => one !== '' && !/^(_|_?t|ts|cb|cachebuster|timestamp|nocache|rand)=[\d.]{10,}$/i.test(one),
    );
  return kept.length === 0 ? '' : `?${kept.join('&')}`;
}

/** Numbers, UUIDs and long hexadecimal steps of a path as `:id`: samples of one kind of request have one name. */
export function withoutIds(pathname: string): string {
  return pathname
    .split('/')
    .map((step) => (/^(\d+|[\da-f]{8}-[\da-f]{4}-[\da-f-]{22}|[\da-f]{16,})$/i.test(step) ? ':id' : step))
    .join('/')
    .replace(/[{},]/g, '');
}
