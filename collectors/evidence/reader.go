package evidence

import (
	"context"

	"github.com/waylight/waylight/mesh"
)

// Reader reads what one proxy says, as a whole and anew each time. An error is
// one sentence without its full stop that says why there is no answer.
type Reader interface {
	// Ztunnel reads the ztunnel of a node, which is the given pod.
	Ztunnel(ctx context.Context, node string, pod mesh.Ref) (*mesh.ZtunnelDump, error)
}

// Compare finds where a ztunnel's dump disagrees with what the API says of the
// mesh.
type Compare func(snap *mesh.Snapshot, dump *mesh.ZtunnelDump) []mesh.Difference
