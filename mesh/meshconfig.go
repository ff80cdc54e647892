package mesh

// MeshConfig is istiod's configuration, with Istio's defaults where no
// ConfigMap was found or readable. The default revision's map wins; its
// Metadata().Name is empty when the values are defaults.
func (s *Snapshot) MeshConfig() *MeshConfig { return s.derived.config() }

// RootNamespace is where mesh-wide policies live.
func (s *Snapshot) RootNamespace() string { return s.MeshConfig().RootNamespace }

// TrustDomain is the mesh's own trust domain.
func (s *Snapshot) TrustDomain() string { return s.MeshConfig().TrustDomain }

// CNIConfig is istio-cni's configuration, with the chart's defaults where no
// ConfigMap was found or readable (Metadata().Name is empty then).
func (s *Snapshot) CNIConfig() *CNIConfig { return s.derived.cni() }

func (s *Snapshot) findMeshConfig() *MeshConfig {
	best := &MeshConfig{RootNamespace: DefaultRootNamespace, TrustDomain: DefaultTrustDomain}
	for _, sh := range s.Shards {
		for _, c := range sh.MeshConfigs {
			if best.Name == "" || c.Revision == "" {
				best = c
			}
		}
	}
	return best
}

func (s *Snapshot) findCNIConfig() *CNIConfig {
	for _, sh := range s.Shards {
		if len(sh.CNIConfigs) > 0 {
			return sh.CNIConfigs[0]
		}
	}
	return &CNIConfig{AmbientEnabled: true, Selectors: DefaultEnablement(), ExcludeNamespaces: []string{"kube-system"}}
}
