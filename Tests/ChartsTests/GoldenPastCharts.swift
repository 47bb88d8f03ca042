import Charts

/// What the small case of `PastChartTests` looks like in every format.
enum GoldenPastCharts {
  static func text(_ format: ChartFormat) -> String {
    switch format {
    case .svg:
      #"""
      <svg xmlns="http://www.w3.org/2000/svg" width="592" height="190" viewBox="0 0 592 190" role="img" aria-label="Flow">
      <title>Flow</title>
      <style>.node{fill:#fff;stroke:#46515e;stroke-width:1.5}.end{stroke-width:3.5}.way{fill:none;stroke:#7b8794;stroke-width:1.5}
      text{font:13px system-ui,sans-serif;fill:#1f2933;text-anchor:middle}.note{font-size:11px;fill:#52606d;text-anchor:start;
      paint-order:stroke;stroke:#fff;stroke-width:3px}
      .sign{stroke:#46515e;stroke-width:2.5;fill:none}.mark{stroke:#46515e;fill:none}.mark.told{fill:#46515e}
      .event,.boundary{fill:#fff}.aside{stroke-dasharray:4 3}.link{stroke-dasharray:2 3}.count{font-size:11px;font-weight:600;text-anchor:end}
      .ready{fill:#fff3c4;stroke:#cb6e17}.suspended{fill:#e4e7eb;stroke:#616e7c}.redo{fill:#fde8e8;stroke:#ba2525}
      .completed{fill:#c6f7e2;stroke:#147d64}.skipped{fill:#f5f7fa;stroke:#9aa5b1;stroke-dasharray:4 3}
      .canceled{fill:#f5f7fa;stroke:#9aa5b1}.canceled+text{text-decoration:line-through}.obsolete{stroke-dasharray:2 2}</style>
      <defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="#7b8794"/></marker></defs>
      <path class="way" marker-end="url(#arrow)" d="M56 95 L116 95"/>
      <path class="way" marker-end="url(#arrow)" d="M266 95 L291 95 L291 50 L326 50"/>
      <path class="way" marker-end="url(#arrow)" d="M476 50 L536 50"/>
      <path class="way link" marker-end="url(#arrow)" d="M266 95 L291 95 L291 140 L326 140"/>
      <g id="node-start"><title>Start</title><circle class="node start" cx="38" cy="95" r="18"/></g>
      <g id="node-a"><title>The a: completed</title><rect class="node completed" x="116" y="65" width="150" height="60" rx="8"/><text><tspan x="191" y="100">The a</tspan></text><path class="mark" transform="translate(130 79)" d="M-4 -3 a4 4 0 1 1 8 0 a4 4 0 1 1 -8 0 M-7 8 c0 -10 14 -10 14 0z"/></g>
      <g id="node-b"><title>The b</title><rect class="node " x="326" y="20" width="150" height="60" rx="8"/><text><tspan x="401" y="55">The b</tspan></text><path class="mark" transform="translate(340 34)" d="M-4 -3 a4 4 0 1 1 8 0 a4 4 0 1 1 -8 0 M-7 8 c0 -10 14 -10 14 0z"/></g>
      <g id="node-end"><title>End</title><circle class="node end" cx="554" cy="50" r="18"/></g>
      <g id="node-old"><title>The old: ready, obsolete, 2 work items</title><rect class="node ready obsolete" x="326" y="110" width="150" height="60" rx="8"/><text><tspan x="401" y="145">The old</tspan></text><text class="note" x="333" y="124">obsolete</text><text class="count" x="469" y="124">×2</text></g>
      </svg>

      """#
    case .mermaid:
      #"""
      flowchart LR
        n0((" "))
        n1["The a"]
        n2["The b"]
        n3(((" ")))
        n4["The old (obsolete) ×2"]
        n0 --> n1
        n1 --> n2
        n2 --> n3
        n1 -.-> n4
        classDef ready fill:#fff3c4,stroke:#cb6e17
        class n4 ready
        classDef completed fill:#c6f7e2,stroke:#147d64
        class n1 completed
        classDef obsolete stroke-dasharray:2 2
        class n4 obsolete

      """#
    case .bpmn:
      #"""
      <?xml version="1.0" encoding="UTF-8"?>
      <definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="urn:millrace:workflows">
        <process id="process" name="Flow" isExecutable="false">
          <startEvent id="node-0" name="Start">
            <outgoing>flow-0</outgoing>
          </startEvent>
          <userTask id="node-1" name="The a">
            <documentation>a</documentation>
            <incoming>flow-0</incoming>
            <outgoing>flow-1</outgoing>
          </userTask>
          <userTask id="node-2" name="The b">
            <documentation>b</documentation>
            <incoming>flow-1</incoming>
            <outgoing>flow-2</outgoing>
          </userTask>
          <endEvent id="node-3" name="End">
            <incoming>flow-2</incoming>
          </endEvent>
          <task id="node-4" name="The old (obsolete)">
            <documentation>old</documentation>
          </task>
          <sequenceFlow id="flow-0" sourceRef="node-0" targetRef="node-1"/>
          <sequenceFlow id="flow-1" sourceRef="node-1" targetRef="node-2"/>
          <sequenceFlow id="flow-2" sourceRef="node-2" targetRef="node-3"/>
          <association id="flow-3" sourceRef="node-1" targetRef="node-4" associationDirection="One"/>
        </process>
        <bpmndi:BPMNDiagram id="diagram">
          <bpmndi:BPMNPlane id="plane" bpmnElement="process">
            <bpmndi:BPMNShape id="shape-0" bpmnElement="node-0">
              <dc:Bounds x="20" y="77" width="36" height="36"/>
            </bpmndi:BPMNShape>
            <bpmndi:BPMNShape id="shape-1" bpmnElement="node-1">
              <dc:Bounds x="116" y="65" width="150" height="60"/>
            </bpmndi:BPMNShape>
            <bpmndi:BPMNShape id="shape-2" bpmnElement="node-2">
              <dc:Bounds x="326" y="20" width="150" height="60"/>
            </bpmndi:BPMNShape>
            <bpmndi:BPMNShape id="shape-3" bpmnElement="node-3">
              <dc:Bounds x="536" y="32" width="36" height="36"/>
            </bpmndi:BPMNShape>
            <bpmndi:BPMNShape id="shape-4" bpmnElement="node-4">
              <dc:Bounds x="326" y="110" width="150" height="60"/>
            </bpmndi:BPMNShape>
            <bpmndi:BPMNEdge id="line-0" bpmnElement="flow-0">
              <di:waypoint x="56" y="95"/>
              <di:waypoint x="116" y="95"/>
            </bpmndi:BPMNEdge>
            <bpmndi:BPMNEdge id="line-1" bpmnElement="flow-1">
              <di:waypoint x="266" y="95"/>
              <di:waypoint x="291" y="95"/>
              <di:waypoint x="291" y="50"/>
              <di:waypoint x="326" y="50"/>
            </bpmndi:BPMNEdge>
            <bpmndi:BPMNEdge id="line-2" bpmnElement="flow-2">
              <di:waypoint x="476" y="50"/>
              <di:waypoint x="536" y="50"/>
            </bpmndi:BPMNEdge>
            <bpmndi:BPMNEdge id="line-3" bpmnElement="flow-3">
              <di:waypoint x="266" y="95"/>
              <di:waypoint x="291" y="95"/>
              <di:waypoint x="291" y="140"/>
              <di:waypoint x="326" y="140"/>
            </bpmndi:BPMNEdge>
          </bpmndi:BPMNPlane>
        </bpmndi:BPMNDiagram>
      </definitions>

      """#
    case .json:
      #"""
      {"title":"Flow","width":592,"height":190,"nodes":[{"id":"start","kind":"START","label":"Start","detail":null,"repetition":null,"state":null,"count":0,"x":20,"y":77,"width":36,"height":36},{"id":"a","kind":"TASK","label":"The a","detail":"USER","repetition":null,"state":"COMPLETED","count":1,"x":116,"y":65,"width":150,"height":60},{"id":"b","kind":"TASK","label":"The b","detail":"USER","repetition":null,"state":null,"count":0,"x":326,"y":20,"width":150,"height":60},{"id":"end","kind":"END","label":"End","detail":null,"repetition":null,"state":null,"count":0,"x":536,"y":32,"width":36,"height":36},{"id":"old","kind":"TASK","label":"The old","detail":null,"repetition":null,"isObsolete":true,"state":"READY","count":2,"x":326,"y":110,"width":150,"height":60}],"edges":[{"from":"start","to":"a","condition":null,"isDefault":false,"isAssociation":false,"points":[[56,95],[116,95]]},{"from":"a","to":"b","condition":null,"isDefault":false,"isAssociation":false,"points":[[266,95],[291,95],[291,50],[326,50]]},{"from":"b","to":"end","condition":null,"isDefault":false,"isAssociation":false,"points":[[476,50],[536,50]]},{"from":"a","to":"old","condition":null,"isDefault":false,"isAssociation":true,"points":[[266,95],[291,95],[291,140],[326,140]]}]}
      """#
    }
  }
}
