import { expect, it } from 'vitest';
import { startTree } from '../fixtures/trees.ts';
import { until } from '../fixtures/world.ts';
import { commandOf, describeTree, withoutSecrets } from './describe-tree.ts';

it.each([
  [['redis-server', '--requirepass', 'hunter2'], 'redis-server --requirepass [hidden]'],
  [['meilisearch', '--master-key=hunter2'], 'meilisearch --master-key=[hidden]'],
  [['app', '--signing-key', 'hunter2', '--jwt=hunter2'], 'app --signing-key [hidden] --jwt=[hidden]'],
  [['app', 'sk_live_0123456789abcdef'], 'app [hidden]'],
  [['app', '--keyspace=shop', '--monkey', 'business'], 'app --keyspace=shop --monkey business'],
  [['app', '--db-password=hunter2', '--port=80'], 'app --db-password=[hidden] --port=80'],
  [['env', 'API_KEY=hunter2', 'node', 'app.js'], 'env API_KEY=[hidden] node app.js'],
  [['curl', '-H', 'Authorization: Basic hunter2'], 'curl -H Authorization: [hidden]'],
  [['app', 'postgres://me:hunter2@db/x'], 'app postgres://me:[hidden]@db/x'],
  [['sh', '-c', 'exec app --token=hunter2 --port 80'], 'sh -c exec app --token=[hidden]'],
  [['app', '--token', '--verbose'], 'app --token --verbose'],
  [
    ['java', '-jar', 'a.jar', '--spring.datasource.password', 'hunter2'],
    'java -jar a.jar --spring.datasource.password [hidden]',
  ],
  [['sh', '-c', 'exec app --db-password hunter2 --port 80'], 'sh -c exec app --db-password [hidden]'],
  [['app', 'postgres://me:hunt#er2@db/x'], 'app postgres://me:[hidden]@db/x'],
  [['app', '--database', 'me:hunter2@tcp(db:3306)/x'], 'app --database me:[hidden]@tcp(db:3306)/x'],
  [
    ['app', '--listen=0.0.0.0:80', 'user@host', 'http://a:80/b'],
    'app --listen=0.0.0.0:80 user@host http://a:80/b',
  ],
])('shows no secret of a command line: %j', (words, shown) => {
  expect(withoutSecrets(words).join(' ')).toBe(shown);
});

it('shows the command line, the user and the children of a process', async () => {
  const tree = await startTree('sleep 613 & echo $! > child; wait');
  try {
    const { root } = tree;
    const child = await tree.pid('child');
    await until(() => describeTree(root, false)[1]?.includes('sleep 613'));
    const [command, others, ports] = describeTree(root, false);
    expect(command).toMatch(/^sh -c sleep 613 & echo \$! > child; wait, as \w+, since 20\d\d-[\d:T-]+Z$/);
    expect(others).toBe(`with its tree: ${child} (sleep 613)`);
    expect(ports).toBe('listens on no TCP port');
    expect(describeTree(root, true)[1]).toBe(`does not hit (only: parent): ${child} (sleep 613)`);
    expect(commandOf(root.pid, 5)).toBe('sh -…');
  } finally {
    await tree.close();
  }
});
