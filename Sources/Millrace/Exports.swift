// What extension authors need besides Millrace's own types: `import Millrace` is enough. Single declarations, so that
// general names of the modules below stay out of their way.
@_exported import struct Expressions.ExpressionBudget
@_exported import struct Logging.Logger
@_exported import struct Postgres.Parameters
@_exported import class Postgres.Rows
@_exported import struct Postgres.SQL
@_exported import struct Postgres.Timestamp
@_exported import struct Postgres.UUID128
@_exported import struct WorkflowEngine.Caller
@_exported import struct WorkflowEngine.Case
@_exported import enum WorkflowEngine.CaseStatus
@_exported import struct WorkflowEngine.CreateWorkItem
@_exported import struct WorkflowEngine.EntityID
@_exported import enum WorkflowEngine.EventName
@_exported import struct WorkflowEngine.FamilyState
@_exported import struct WorkflowEngine.SaveWorkItem
@_exported import struct WorkflowEngine.StartCase
@_exported import struct WorkflowEngine.UpdateCase
@_exported import struct WorkflowEngine.WorkItem
@_exported import enum WorkflowEngine.TaskType
@_exported import enum WorkflowEngine.WorkItemStatus
@_exported import enum WorkflowStore.DefinitionStore
