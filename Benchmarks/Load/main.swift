import EventLoop
import Glibc

// LoadBenchmark PORT CONNECTIONS FILE [SECONDS] [WANTED]: posts the bodies that stand in the file's lines to /graphql,
// each once, or in turn for some seconds. One request at a time on each connection. Prints a line of JSON; ends with 1
// when an answer lacks what is wanted.

func fail(_ text: String) -> Never {
  tell("LoadBenchmark: \(text)")
  exit(2)
}

let arguments = CommandLine.arguments
guard arguments.count >= 4, let port = UInt16(arguments[1]), let connections = Int(arguments[2]), connections > 0 else {
  fail("PORT CONNECTIONS FILE [SECONDS] [WANTED]")
}
guard let file = fopen(arguments[3], "r") else { fail("There is no \(arguments[3]).") }
var requests: [[UInt8]] = []
var line: UnsafeMutablePointer<CChar>?
var capacity = 0
while true {
  let count = getline(&line, &capacity, file)
  guard count > 0, let line else { break }
  let body = UnsafeRawBufferPointer(start: line, count: count).filter { $0 != 10 }
  let head = "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: \(body.count)\r\n\r\n"
  requests.append(Array(head.utf8) + body)
}
fclose(file)
guard !requests.isEmpty else { fail("\(arguments[3]) is empty.") }

let seconds = arguments.count > 4 ? Double(arguments[4]).flatMap { $0 > 0 ? $0 : nil } : nil
let loop = try EventLoop(name: "load")
let client = LoadClient(
  loop: loop, requests: requests, seconds: seconds, wanted: arguments.count > 5 ? arguments[5] : "\"data\"")
loop.execute { client.start(port: port, connections: connections) }
loop.run()
if let failure = client.failure { fail(failure.description) }
print(client.report)
exit(client.isSound ? 0 : 1)
