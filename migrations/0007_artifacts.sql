-- References of cases and work items to things elsewhere: a list of objects with name, type, key and url. Null for none.
alter table cases add column artifacts jsonb;
alter table work_items add column artifacts jsonb;
