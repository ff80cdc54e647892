package mesh_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

func TestControllerOf(t *testing.T) {
	ref := func(kind, name string) mesh.Ref { return mesh.Ref{Kind: kind, Namespace: "shop", Name: name} }
	controller := func(kind, name string, owner mesh.Ref) mesh.Object {
		return &mesh.Controller{Meta: mesh.Meta{Kind: kind, Namespace: "shop", Name: name, Owner: owner}}
	}
	hashed := map[string]string{"pod-template-hash": "6d9f8c7b5d"}
	tests := []struct {
		name    string
		owner   mesh.Ref
		labels  map[string]string
		objects []mesh.Object
		want    mesh.Ref
	}{
		{name: "a pod nobody owns stands for itself", want: ref("Pod", "p")},
		{
			name:    "a ReplicaSet leads to its Deployment",
			owner:   ref("ReplicaSet", "web-6d9f8c7b5d"),
			objects: []mesh.Object{controller("ReplicaSet", "web-6d9f8c7b5d", ref("Deployment", "web")), controller("Deployment", "web", mesh.Ref{})},
			want:    ref("Deployment", "web"),
		},
		{
			name:    "a Deployment that may not be read is named all the same",
			owner:   ref("ReplicaSet", "web-6d9f8c7b5d"),
			objects: []mesh.Object{controller("ReplicaSet", "web-6d9f8c7b5d", ref("Deployment", "web"))},
			want:    ref("Deployment", "web"),
		},
		{
			name:    "a ReplicaSet that nothing owns is the controller, whatever its name",
			owner:   ref("ReplicaSet", "web-6d9f8c7b5d"),
			labels:  hashed,
			objects: []mesh.Object{controller("ReplicaSet", "web-6d9f8c7b5d", mesh.Ref{})},
			want:    ref("ReplicaSet", "web-6d9f8c7b5d"),
		},
		{
			name:   "without ReplicaSets the pod's template hash tells the Deployment's name",
			owner:  ref("ReplicaSet", "web-6d9f8c7b5d"),
			labels: hashed,
			want:   ref("Deployment", "web"),
		},
		{
			name:   "a hash that is not in the name proves nothing",
			owner:  ref("ReplicaSet", "web-abc"),
			labels: hashed,
			want:   ref("ReplicaSet", "web-abc"),
		},
		{
			name:   "a name that is only the hash proves nothing",
			owner:  ref("ReplicaSet", "-6d9f8c7b5d"),
			labels: hashed,
			want:   ref("ReplicaSet", "-6d9f8c7b5d"),
		},
		{
			name:    "a Job leads to its CronJob",
			owner:   ref("Job", "report-29384756"),
			objects: []mesh.Object{controller("Job", "report-29384756", ref("CronJob", "report"))},
			want:    ref("CronJob", "report"),
		},
		{
			name:    "a ReplicaSet of a custom resource leads there",
			owner:   ref("ReplicaSet", "web-abc"),
			objects: []mesh.Object{controller("ReplicaSet", "web-abc", ref("Rollout", "web"))},
			want:    ref("Rollout", "web"),
		},
		{
			name:    "a Deployment stays what people deploy, whatever owns it",
			owner:   ref("ReplicaSet", "waypoint-abc"),
			objects: []mesh.Object{controller("ReplicaSet", "waypoint-abc", ref("Deployment", "waypoint")), controller("Deployment", "waypoint", ref("Gateway", "waypoint"))},
			want:    ref("Deployment", "waypoint"),
		},
		{
			name:    "owners in a ring come to an end",
			owner:   ref("Job", "a"),
			objects: []mesh.Object{controller("Job", "a", ref("Job", "b")), controller("Job", "b", ref("Job", "a"))},
			want:    ref("Job", "a"),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pod := &mesh.Workload{Meta: mesh.Meta{Kind: "Pod", Namespace: "shop", Name: "p", Owner: tt.owner, Labels: tt.labels}}
			snap := meshtest.Mesh(meshtest.Objects(append(tt.objects, pod)...))
			if got := snap.ControllerOf(pod); got != tt.want {
				t.Errorf("ControllerOf = %v, want %v", got, tt.want)
			}
		})
	}
}
