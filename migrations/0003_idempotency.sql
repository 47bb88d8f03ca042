-- What requests with an idempotency key have done, so that a repetition does nothing again.

-- One row per mutation field, written in the field's own transaction: whoever comes second waits for the first at
-- this key. `outcome` says what the field's payload shows.
create table idempotency_results (
  -- The user; empty for an anonymous one. Keys of different users have nothing to do with each other.
  caller text not null,
  key text not null,
  -- The field's place among the mutations of the request.
  field integer not null,
  -- Digest of the request, to tell a repetition from another request with the same key.
  fingerprint text not null,
  outcome text,
  created_at timestamptz not null,
  primary key (caller, key, field)
);

create index idempotency_results_created_at on idempotency_results (created_at);

-- The answer to the whole request, once it is through.
create table idempotency_responses (
  caller text not null,
  key text not null,
  fingerprint text not null,
  has_errors boolean not null,
  response bytea not null,
  created_at timestamptz not null,
  primary key (caller, key)
);

create index idempotency_responses_created_at on idempotency_responses (created_at);
