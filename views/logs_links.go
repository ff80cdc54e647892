package views

import (
	"github.com/waylight/waylight/mesh"
)

// logsTag leads from the head of an object's page to its logs.
func logsTag(l Links, a LogsAsk, title string) HeadTag {
	return HeadTag{Text: "logs", Title: title, URL: l.Logs(a)}
}

// podLogs are a pod's own containers and the ztunnel that carries its calls.
func podLogs(w *mesh.Workload) LogsAsk {
	var a LogsAsk
	for i := range w.Containers {
		a.Sources = append(a.Sources, string(mesh.PodLogs(w.Namespace, w.Name, w.Containers[i].Name)))
	}
	if w.Node != "" && w.Captured() {
		a.Sources = append(a.Sources, string(mesh.ZtunnelLogs(w.Node)))
	}
	return a
}
