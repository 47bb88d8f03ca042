import Postgres
import WorkflowEngine

/// The handshake between a server and a module in a shared library.
///
/// A library exports two functions of C, in a file of their own so that the module can be linked into an executable
/// as well:
///
/// ```swift
/// @c(millrace_module_api) public func millraceModuleAPI() -> UInt64 { ModuleAPI.fingerprint() }
/// @c(millrace_module) public func millraceModule() -> UnsafeMutableRawPointer { ModuleAPI.export(MyModule.self) }
/// ```
///
/// Swift has no stable interface here: a library has to be built with the same compiler, against the same Millrace, as
/// the server. What it was built against is in its fingerprint, which the server compares with its own before it calls
/// anything else.
public enum ModuleAPI {
  /// Raised when the requirements of `MillraceModule` change, which no size below would show.
  public static let version: UInt64 = 2

  /// What the code that calls this was compiled against. The body is compiled into the caller, so that a library
  /// answers with the sizes that it has been built with.
  @_alwaysEmitIntoClient
  public static func fingerprint() -> UInt64 {
    var hash: UInt64 = 14_695_981_039_346_656_037  // FNV-1a
    func add(_ value: Int) { hash = (hash ^ UInt64(truncatingIfNeeded: value)) &* 1_099_511_628_211 }
    func add<Layout>(_ type: Layout.Type) {
      add(MemoryLayout<Layout>.size)
      add(MemoryLayout<Layout>.alignment)
    }
    add(2)  // `version`, as a literal: the caller's, not the server's
    #if compiler(>=6.4)
      add(604)
    #elseif compiler(>=6.3)
      add(603)
    #else
      add(602)
    #endif
    #if DEBUG
      add(1)
    #endif
    add(EventView.self)
    add(ModelEvent.self)
    add(ReceiverContext.self)
    add(ReceiverRegistry.self)
    add(ExtensionRegistry.self)
    add(EventFilter.self)
    add(User.self)
    add(JSON.self)
    add(MillraceError.self)
    add(Event.self)
    add(Case.self)
    add(WorkItem.self)
    add(Caller.self)
    add(SaveWorkItem.self)
    add(CreateWorkItem.self)
    add(Parameters.self)
    add(Rows.self)
    add(SQL.self)
    add(PostgresError.self)
    return hash
  }

  /// Hands a module to the server that loads its library.
  public static func export(_ module: any MillraceModule.Type) -> UnsafeMutableRawPointer {
    Unmanaged.passRetained(ModuleBox(module)).toOpaque()
  }
}

/// Carries a module through a function of C.
final class ModuleBox {
  let module: any MillraceModule.Type

  init(_ module: any MillraceModule.Type) {
    self.module = module
  }
}
