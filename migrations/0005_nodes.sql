-- Typed nodes: what tasks have beside Caluma's fields, where the tokens of cases are, and published versions.

-- What a typed node does; see `docs/reference/nodes.md`.
alter table tasks add column node jsonb;

-- live: cases follow the definitions of the moment. pinned: those of the version that was the newest when they began.
alter table workflows add column versioning text not null default 'live';

create table workflow_versions (
  workflow text not null references workflows on delete cascade,
  number bigint not null,
  -- The start tasks, flows and tasks as they were.
  graph jsonb not null,
  -- Of the graph: publishing what has not changed makes no new version.
  checksum text not null,
  created_at timestamptz not null,
  created_by_user text,
  created_by_group text,
  primary key (workflow, number)
);

alter table cases add column data jsonb not null default '{}';
-- The version that the case keeps to.
alter table cases add column workflow_version bigint;
-- terminated or error, where a closed case's status does not tell.
alter table cases add column outcome text;
-- The subprocess that started the case.
alter table cases add column parent_item uuid;
alter table cases add column error_code text;

create index cases_parent_item on cases (parent_item, created_at, id) where parent_item is not null;
create index cases_workflow_version on cases (workflow, workflow_version, created_at, id)
  where workflow_version is not null;

-- All null in items that have nothing but Caluma's fields; `iteration` is never null in others.
alter table work_items add column iteration integer;
alter table work_items add column token bigint[];
alter table work_items add column predecessors uuid[];
alter table work_items add column closed_reason text;
alter table work_items add column assigned_at timestamptz;
alter table work_items add column started_at timestamptz;
alter table work_items add column scheduled_at timestamptz;
alter table work_items add column attempts integer;
alter table work_items add column error_code text;
alter table work_items add column error_message text;
alter table work_items add column data jsonb;
alter table work_items add column revived_from uuid;
alter table work_items add column host uuid;
alter table work_items add column boundary integer;
alter table work_items add column is_compensated boolean;
alter table work_items add column correlation text;

create index work_items_predecessors on work_items using gin (predecessors) where predecessors is not null;
create index work_items_revived_from on work_items (revived_from) where revived_from is not null;
