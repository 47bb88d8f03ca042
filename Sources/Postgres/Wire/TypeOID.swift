/// Object identifiers of the types that travel in binary, from Postgres's `pg_type.dat`; they never change.
public enum TypeOID: UInt32, Sendable {
  case bool = 16
  case bytea = 17
  case int8 = 20
  case int2 = 21
  case int4 = 23
  case text = 25
  case float8 = 701
  case date = 1082
  case timestamptz = 1184
  case numeric = 1700
  case uuid = 2950
  case jsonb = 3802
  case boolArray = 1000
  case int2Array = 1005
  case int4Array = 1007
  case textArray = 1009
  case int8Array = 1016
  case float8Array = 1022
  case dateArray = 1182
  case timestamptzArray = 1185
  case numericArray = 1231
  case uuidArray = 2951
  case jsonbArray = 3807
}
