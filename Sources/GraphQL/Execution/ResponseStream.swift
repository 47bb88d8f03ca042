/// The responses of one subscription, one for each event of its source. Loop-confined: made and used on one thread.
///
/// Spec: 6.2.3 "Subscription". Pulled, never pushed: the next event is not asked for before the last response was
/// taken, so the pace of the subscriber is the pace of the source. No transport is known here.
public final class ResponseStream: AsyncSequence, AsyncIteratorProtocol, @unchecked Sendable {
  // Confined to one thread.
  public typealias Element = ContiguousArray<UInt8>
  public typealias Failure = GraphQLError

  private let plan: Plan
  private let variables: VariableValues
  private let makeContext: () -> ExecutionContext
  private let source: any SourceEventStream
  private var isEnded = false

  /// Opens the source stream of a subscription.
  ///
  /// Spec: 6.2.3.1 `CreateSourceEventStream`.
  ///
  /// - Parameters:
  ///   - plan: the plan of a subscription.
  ///   - variables: as `Plan.coerceVariables` answers them.
  ///   - context: makes what the sources of one response are given; called once to open the stream, then for each
  ///     event, so that deadlines count from the event.
  /// - Throws: an error of the request: nothing has been subscribed to. Its path and location are the root field's.
  public init(
    plan: Plan, variables: VariableValues, context: @escaping () -> ExecutionContext
  ) async throws(GraphQLError) {
    guard plan.operation == .subscription, plan.steps.count > 0, plan.steps[0].parent == nil,
      let field = plan.selections[plan.rootSelection].variants.first?.fields.first,
      let stream = plan.steps[0].source as? StreamSource
    else {
      throw GraphQLError("The operation is not a subscription.", code: GraphQLError.Code.operationResolutionFailure)
    }
    self.plan = plan
    self.variables = variables
    makeContext = context
    do throws(GraphQLError) {
      let request = StreamRequest(arguments: try plan.arguments(of: plan.steps[0], variables), context: context())
      source = try await stream.events(request)
    } catch {
      var located = error
      located.locations = [plan.document.location(plan.fields[field].node)]
      located.path = [.key(plan.fields[field].responseKey)]
      throw located
    }
  }

  deinit { source.cancel() }

  /// Waits for the next event and appends the response to it: `{"data":…}`, with `errors` where there were any.
  ///
  /// Spec: 6.2.3.2 `MapSourceToResponseEvent`. Errors while an event is executed stay within its response.
  ///
  /// - Returns: false when the stream has ended; nothing was appended.
  /// - Throws: what broke the source stream. The stream has ended then.
  public func next(into output: OutputBuffer) async throws(GraphQLError) -> Bool {
    guard !isEnded else { return false }
    let event: SourceEvent?
    do throws(GraphQLError) {
      event = try await source.next()
    } catch {
      cancel()
      throw error
    }
    guard let event, !isEnded else {
      cancel()
      return false
    }
    var execution = Execution(plan: plan, variables: variables, context: makeContext(), event: event)
    await execution.run(into: output)
    return true
  }

  /// Ends the subscription: its source is told, and a waiting `next` answers that the stream has ended. May be
  /// called more than once.
  public func cancel() {
    guard !isEnded else { return }
    isEnded = true
    source.cancel()
  }

  // MARK: AsyncSequence

  public func makeAsyncIterator() -> ResponseStream { self }

  public func next() async throws(GraphQLError) -> ContiguousArray<UInt8>? {
    let output = OutputBuffer(capacity: 1_024)
    guard try await next(into: output) else { return nil }
    return ContiguousArray(output.bytes)
  }
}
