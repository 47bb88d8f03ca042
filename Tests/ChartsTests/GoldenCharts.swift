import Charts

/// What the small flow of `NodeChartTests` looks like in every format.
enum GoldenCharts {
  static func text(_ format: ChartFormat) -> String {
    switch format {
    case .svg:
      #"""
      <svg xmlns="http://www.w3.org/2000/svg" width="592" height="156" viewBox="0 0 592 156" role="img" aria-label="Flow">
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
      <path class="way" marker-end="url(#arrow)" d="M56 82 L116 82"/>
      <path class="way" marker-end="url(#arrow)" d="M266 82 L291 82 L291 114 L501 114 L501 82 L536 82"/>
      <path class="way" marker-end="url(#arrow)" d="M240 130 L240 136 L306 136 L306 50 L326 50"/>
      <path class="way" marker-end="url(#arrow)" d="M476 50 L501 50 L501 82 L536 82"/>
      <g id="node-ring"><title>ring</title><circle class="node start" cx="38" cy="82" r="18"/><path class="mark" transform="translate(38 82)" d="M0 -7l7 12h-14z"/></g>
      <g id="node-view"><title>view: ready</title><rect class="node ready" x="116" y="52" width="150" height="60" rx="8"/><text><tspan x="191" y="87">view</tspan></text><path class="mark" transform="translate(130 66)" d="M-4 -3 a4 4 0 1 1 8 0 a4 4 0 1 1 -8 0 M-7 8 c0 -10 14 -10 14 0z"/></g>
      <g id="node-end"><title>end</title><circle class="node end" cx="554" cy="82" r="18"/><path class="mark told" transform="translate(554 82)" d="M-7 0 a7 7 0 1 1 14 0 a7 7 0 1 1 -14 0"/></g>
      <g id="node-view__timeout"><title>60</title><circle class="node boundary aside" cx="240" cy="112" r="18"/><circle class="node boundary aside" cx="240" cy="112" r="14"/><path class="mark" transform="translate(240 112)" d="M-8 0 a8 8 0 1 1 16 0 a8 8 0 1 1 -16 0 M0 -5v5l4 2"/></g>
      <g id="node-late"><title>late</title><rect class="node " x="326" y="20" width="150" height="60" rx="8"/><text><tspan x="401" y="55">late</tspan></text><path class="mark" transform="translate(340 34)" d="M-5 0 a5 5 0 1 1 10 0 a5 5 0 1 1 -10 0 M0 -8v3 M0 5v3 M-8 0h3 M5 0h3 M-6 -6l2 2 M4 4l2 2 M-6 6l2 -2 M4 -4l2 -2"/></g>
      </svg>

      """#
    case .mermaid:
      #"""
      flowchart LR
        n0(("△"))
        n1["view"]
        n2((("●")))
        n3(("⏱"))
        n4["late"]
        n1 -.- n3
        n0 --> n1
        n1 --> n2
        n3 --> n4
        n4 --> n2
        classDef ready fill:#fff3c4,stroke:#cb6e17
        class n1 ready

      """#
    case .bpmn:
      #"""
      <?xml version="1.0" encoding="UTF-8"?>
      <definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="urn:millrace:workflows">
        <signal id="reference-0" name="noise"/>
        <process id="process" name="Flow" isExecutable="false">
          <startEvent id="node-0" name="ring">
            <outgoing>flow-0</outgoing>
            <signalEventDefinition signalRef="reference-0"/>
          </startEvent>
          <userTask id="node-1" name="view">
            <documentation>view</documentation>
            <incoming>flow-0</incoming>
            <outgoing>flow-1</outgoing>
          </userTask>
          <endEvent id="node-2" name="end">
            <incoming>flow-1</incoming>
            <incoming>flow-3</incoming>
            <terminateEventDefinition/>
          </endEvent>
          <boundaryEvent id="node-3" name="60" attachedToRef="node-1" cancelActivity="false">
            <outgoing>flow-2</outgoing>
            <timerEventDefinition><timeDuration xsi:type="tFormalExpression">PT60S</timeDuration></timerEventDefinition>
          </boundaryEvent>
          <serviceTask id="node-4" name="late">
            <documentation>late</documentation>
            <incoming>flow-2</incoming>
            <outgoing>flow-3</outgoing>
          </serviceTask>
          <sequenceFlow id="flow-0" sourceRef="node-0" targetRef="node-1"/>
          <sequenceFlow id="flow-1" sourceRef="node-1" targetRef="node-2"/>
          <sequenceFlow id="flow-2" sourceRef="node-3" targetRef="node-4"/>
          <sequenceFlow id="flow-3" sourceRef="node-4" targetRef="node-2"/>
        </process>
        <bpmndi:BPMNDiagram id="diagram">
          <bpmndi:BPMNPlane id="plane" bpmnElement="process">
            <bpmndi:BPMNShape id="shape-0" bpmnElement="node-0">
              <dc:Bounds x="20" y="64" width="36" height="36"/>
            </bpmndi:BPMNShape>
            <bpmndi:BPMNShape id="shape-1" bpmnElement="node-1">
              <dc:Bounds x="116" y="52" width="150" height="60"/>
            </bpmndi:BPMNShape>
            <bpmndi:BPMNShape id="shape-2" bpmnElement="node-2">
              <dc:Bounds x="536" y="64" width="36" height="36"/>
            </bpmndi:BPMNShape>
            <bpmndi:BPMNShape id="shape-3" bpmnElement="node-3">
              <dc:Bounds x="222" y="94" width="36" height="36"/>
            </bpmndi:BPMNShape>
            <bpmndi:BPMNShape id="shape-4" bpmnElement="node-4">
              <dc:Bounds x="326" y="20" width="150" height="60"/>
            </bpmndi:BPMNShape>
            <bpmndi:BPMNEdge id="line-0" bpmnElement="flow-0">
              <di:waypoint x="56" y="82"/>
              <di:waypoint x="116" y="82"/>
            </bpmndi:BPMNEdge>
            <bpmndi:BPMNEdge id="line-1" bpmnElement="flow-1">
              <di:waypoint x="266" y="82"/>
              <di:waypoint x="291" y="82"/>
              <di:waypoint x="291" y="114"/>
              <di:waypoint x="501" y="114"/>
              <di:waypoint x="501" y="82"/>
              <di:waypoint x="536" y="82"/>
            </bpmndi:BPMNEdge>
            <bpmndi:BPMNEdge id="line-2" bpmnElement="flow-2">
              <di:waypoint x="240" y="130"/>
              <di:waypoint x="240" y="136"/>
              <di:waypoint x="306" y="136"/>
              <di:waypoint x="306" y="50"/>
              <di:waypoint x="326" y="50"/>
            </bpmndi:BPMNEdge>
            <bpmndi:BPMNEdge id="line-3" bpmnElement="flow-3">
              <di:waypoint x="476" y="50"/>
              <di:waypoint x="501" y="50"/>
              <di:waypoint x="501" y="82"/>
              <di:waypoint x="536" y="82"/>
            </bpmndi:BPMNEdge>
          </bpmndi:BPMNPlane>
        </bpmndi:BPMNDiagram>
      </definitions>

      """#
    case .json:
      #"""
      {"title":"Flow","width":592,"height":156,"nodes":[{"id":"ring","kind":"START","label":"ring","detail":"SIGNAL","repetition":null,"state":null,"count":0,"x":20,"y":64,"width":36,"height":36},{"id":"view","kind":"TASK","label":"view","detail":"USER","repetition":null,"state":"READY","count":1,"x":116,"y":52,"width":150,"height":60},{"id":"end","kind":"END","label":"end","detail":"TERMINATE","repetition":null,"state":null,"count":0,"x":536,"y":64,"width":36,"height":36},{"id":"view__timeout","kind":"BOUNDARY","label":"60","detail":"TIMER","repetition":null,"host":"view","isInterrupting":false,"state":null,"count":0,"x":222,"y":94,"width":36,"height":36},{"id":"late","kind":"TASK","label":"late","detail":"SERVICE","repetition":null,"state":null,"count":0,"x":326,"y":20,"width":150,"height":60}],"edges":[{"from":"ring","to":"view","condition":null,"isDefault":false,"isAssociation":false,"points":[[56,82],[116,82]]},{"from":"view","to":"end","condition":null,"isDefault":false,"isAssociation":false,"points":[[266,82],[291,82],[291,114],[501,114],[501,82],[536,82]]},{"from":"view__timeout","to":"late","condition":null,"isDefault":false,"isAssociation":false,"points":[[240,130],[240,136],[306,136],[306,50],[326,50]]},{"from":"late","to":"end","condition":null,"isDefault":false,"isAssociation":false,"points":[[476,50],[501,50],[501,82],[536,82]]}]}
      """#
    }
  }
}
