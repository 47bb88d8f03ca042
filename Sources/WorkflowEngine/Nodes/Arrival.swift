/// A token on its way to a task: what the item that it makes begins with.
struct Arrival: Sendable {
  var task: String
  var caseID: EntityID
  var token: [Int64] = []
  var predecessors: [EntityID] = []
  /// JSON text.
  var data: String?
  var artifacts: [Artifact] = []
  var revivedFrom: EntityID?
  var host: EntityID?
  /// Which boundary of the host.
  var boundary: Int?
  /// Along a flow of Caluma's kind: an item that is open already is not made a second time.
  var isByFlow = false

  var previous: EntityID? { predecessors.last }

  init(
    _ task: String, in caseID: EntityID, token: [Int64] = [], after predecessors: [EntityID] = [],
    data: String? = nil
  ) {
    self.task = task
    self.caseID = caseID
    self.token = token
    self.predecessors = predecessors
    self.data = data
  }
}

/// A way that an item takes on.
struct Way: Sendable {
  var target: String
  /// JSON text.
  var data: String?
}
