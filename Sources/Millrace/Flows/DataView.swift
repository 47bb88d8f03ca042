/// A type of the program for data that is stored as JSON.
///
/// ```swift
/// struct Order: DataView {
///   var total: Int64
///   init(data: JSON) throws {
///     guard case .int(let total)? = data["total"] else { throw NodeError("NO_TOTAL", "The order has no total.") }
///     self.total = total
///   }
///   var data: JSON { ["total": .int(total)] }
/// }
/// let order = try activation.caseData(as: Order.self)
/// ```
public protocol DataView: Sendable {
  /// - Throws: why the data is not what the program expects.
  init(data: JSON) throws
  var data: JSON { get }
}

extension FlowActivation {
  /// The data of the case as a type of the program.
  public func caseData<View: DataView>(as view: View.Type) throws -> View { try View(data: caseData) }
  /// The data of the work item as a type of the program.
  public func data<View: DataView>(as view: View.Type) throws -> View { try View(data: data) }
  public func setCaseData(_ view: some DataView) { caseData = view.data }
  public func setData(_ view: some DataView) { data = view.data }
}
