-- What an event changed, so that the log alone tells what the rows are.

-- The row of the event as it was when it was told (`case`, `work_item`; `parent`: the work item of a new child
-- case), with the columns' names, and `items`: the work items that a case is reopened with or a join counts.
alter table events add column data jsonb;
