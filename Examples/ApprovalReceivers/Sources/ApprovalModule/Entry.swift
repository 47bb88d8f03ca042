import ApprovalReceivers
import Millrace

// What makes a shared library of the module: a server calls the first function before it calls the second. In a target
// of its own, so that an executable can have several modules linked in.

@c(millrace_module_api)
public func millraceModuleAPI() -> UInt64 { ModuleAPI.fingerprint() }

@c(millrace_module)
public func millraceModule() -> UnsafeMutableRawPointer { ModuleAPI.export(Approvals.self) }
