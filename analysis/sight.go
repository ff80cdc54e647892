package analysis

// Sight is how far a check looks that judges one namespace, so that its answer
// can be kept while nothing it looks at changes. A check that declares too
// little gives stale answers; TestReassess fails then.
type Sight int

const (
	// SightMesh is the default and always right: the check may look at
	// anything, and runs each time.
	SightMesh Sight = iota
	// SightProxies is SightNamespace and what proxies and istiods said.
	SightProxies
	// SightNamespace is everything of the namespace itself and, of all others,
	// the frame (mesh.Snapshot.SameFrame): Services, Gateways, routes, policies,
	// configuration, the pods of the mesh itself. It leaves out other pods and
	// what follows them, Nodes, and what proxies said.
	//
	// Of ages it may judge those of objects of the namespace, and compare them
	// with no more than settlingTime.
	SightNamespace
)
