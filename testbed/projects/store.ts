import { randomUUID } from 'node:crypto';
import { HttpError } from '../lib/service.ts';
import { type Database, isStatementError } from './database.ts';

export interface Project {
  readonly id: string;
  readonly owner: string;
  readonly name: string;
  readonly bpm: number;
  readonly version: number;
  readonly idempotencyKey: string;
  readonly createdAt: string;
}

export interface NewProject {
  /** Left out: a random one. */
  readonly id?: string;
  readonly owner: string;
  readonly name: string;
  readonly bpm: number;
  readonly idempotencyKey: string;
}

/** Set when the studio's database is made. `copy` is for the sabotage switch that stores a write twice, else 0. */
export const schema = `
CREATE TABLE projects (
  id uuid PRIMARY KEY,
  owner text NOT NULL CHECK (length(owner) BETWEEN 1 AND 100),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  bpm integer NOT NULL CHECK (bpm BETWEEN 20 AND 300),
  version integer NOT NULL DEFAULT 1,
  idempotency_key text NOT NULL CHECK (length(idempotency_key) BETWEEN 1 AND 200),
  copy smallint NOT NULL DEFAULT 0,
  replays integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (owner, idempotency_key, copy)
);
CREATE INDEX projects_by_key ON projects (idempotency_key);
CREATE INDEX projects_by_owner ON projects (owner, created_at DESC);
GRANT SELECT, INSERT, UPDATE, DELETE ON projects TO studio;
`;

const columns = `id, owner, name, bpm, version, idempotency_key AS "idempotencyKey", created_at AS "createdAt"`;

/**
 * Stores a project under its key, once. A repeated key is answered with the stored row. That answer, too, must not be given before the
 * row is on the standby, because the first attempt's commit may still be waiting for it. So a repeat writes (`replays`), and its own
 * synchronous commit waits for everything before it.
 */
export async function createProject(database: Database, project: NewProject, copy = 0) {
  const { rows } = await guard(() =>
    database.query<Project & { replays: number }>(
      `INSERT INTO projects (id, owner, name, bpm, idempotency_key, copy) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (owner, idempotency_key, copy) DO UPDATE SET replays = projects.replays + 1
       RETURNING ${columns}, replays`,
      [project.id ?? randomUUID(), project.owner, project.name, project.bpm, project.idempotencyKey, copy],
    ),
  );
  const { replays, ...stored } = rows[0] as Project & { replays: number };
  if (stored.name !== project.name || stored.bpm !== project.bpm) {
    throw new HttpError(422, 'this idempotency key was used for another project');
  }
  return { project: stored as Project, replayed: replays > 0 };
}

/** The caller's newest projects; `search` is matched as plain text. */
export async function listProjects(
  database: Database,
  owner: string,
  search: string | undefined,
  limit: number,
) {
  const pattern = search === undefined ? '%' : `%${search.replace(/[\\%_]/g, '\\$&')}%`;
  const { rows } = await guard(() =>
    database.query<Project>(
      `SELECT ${columns} FROM projects WHERE owner = $1 AND name ILIKE $2 ORDER BY created_at DESC LIMIT $3`,
      [owner, pattern, limit],
    ),
  );
  return rows;
}

export async function readProject(database: Database, id: string): Promise<Project | undefined> {
  const { rows } = await guard(() =>
    database.query<Project>(`SELECT ${columns} FROM projects WHERE id = $1`, [id]),
  );
  return rows[0];
}

/** Changes a project if it still has the version that the caller saw; of two racing changes one gets undefined. */
export async function updateProject(
  database: Database,
  change: { id: string; name: string; bpm: number; version: number },
): Promise<Project | undefined> {
  const { rows } = await guard(() =>
    database.query<Project>(
      `UPDATE projects SET name = $2, bpm = $3, version = version + 1 WHERE id = $1 AND version = $4 RETURNING ${columns}`,
      [change.id, change.name, change.bpm, change.version],
    ),
  );
  return rows[0];
}

export async function deleteProject(database: Database, id: string): Promise<void> {
  await guard(() => database.query('DELETE FROM projects WHERE id = $1', [id]));
}

/** How often each idempotency key is stored; keys that are not there are left out. */
export async function countWrites(
  database: Database,
  ids: readonly string[],
): Promise<Record<string, number>> {
  const { rows } = await database.query<{ id: string; n: number }>(
    `SELECT idempotency_key AS id, count(*)::int AS n FROM projects WHERE idempotency_key = ANY($1) GROUP BY 1`,
    [ids],
  );
  return Object.fromEntries(rows.map(({ id, n }) => [id, n]));
}

async function guard<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!isStatementError(error)) throw error;
    const { constraint, message } = error as { constraint?: string; message: string };
    throw new HttpError(422, constraint === undefined ? message : `violates ${constraint}`);
  }
}
