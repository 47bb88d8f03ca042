/// Runs tasks on a loop's thread.
public final class LoopTaskExecutor: TaskExecutor {
  private unowned let loop: EventLoop

  init(loop: EventLoop) {
    self.loop = loop
  }

  public func enqueue(_ job: consuming ExecutorJob) {
    loop.enqueue(.job(UnownedJob(job)))
  }
}
