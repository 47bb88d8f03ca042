import GraphQL

/// Reads conformance cases as JSON lines on standard input and writes one line with the outcome per case on standard
/// output.
@main
enum ConformanceRunner {
  static func main() {
    while let line = readLine() {
      guard !line.isEmpty else { continue }
      let output = OutputBuffer()
      output.append("{\"id\":")
      do throws(JSONDocument.Failure) {
        let test = try JSONDocument(line, maxDepth: 512).root
        output.appendString(test["id"]?.string ?? "")
        switch Case.run(test) {
        case .success(let actual):
          output.append(",\"actual\":")
          output.append(actual)
        case .failure(let crash):
          output.append(",\"crash\":")
          output.appendString(crash.message)
        }
      } catch {
        output.append("null,\"crash\":")
        output.appendString(error.message)
      }
      output.append("}")
      print(output.string)
    }
  }
}
