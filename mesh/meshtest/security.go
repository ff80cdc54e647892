package meshtest

import "github.com/waylight/waylight/mesh"

// Secured refuses plaintext in the whole mesh and covers every pod by an ALLOW
// policy, which admits every identity: nothing is left to warn of, and all
// calls within the mesh pass.
func Secured() Part {
	return Objects(
		&mesh.PeerAuthentication{Meta: meta("PeerAuthentication", SystemNamespace, "strict"), Mode: "STRICT"},
		&mesh.AuthorizationPolicy{Meta: meta("AuthorizationPolicy", SystemNamespace, "any-identity"), Action: "ALLOW", Rules: []mesh.AuthorizationRule{{}}},
	)
}
