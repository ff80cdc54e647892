package kube

import (
	"context"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
)

// Pace of discovery.
const (
	// A definition that was just made takes the API server some seconds to
	// serve, and some more to tell of, in parts of its own pace.
	discoveryHurry    = 2 * time.Second
	discoveryHurryFor = 15 * time.Second
	discoveryUnsure   = 15 * time.Second // while definitions cannot be watched or say otherwise
	discoverySure     = 5 * time.Minute
	discoveryTimeout  = 30 * time.Second
)

// served tells for each resource which version to read; kinds that are not
// served are not in it. Kinds in unknown could not be asked for.
type served struct {
	version map[string]string
	unknown map[string]bool
}

// discover asks which kinds are served.
func (c *client) discover(ctx context.Context, kinds []Kind) (served, error) {
	ctx, cancel := context.WithTimeout(ctx, discoveryTimeout)
	defer cancel()
	d := c.discovery()
	groups, resources, failed, err := d.GroupsAndMaybeResourcesWithContext(ctx)
	switch {
	case apierrors.IsForbidden(err):
		return assumed(kinds), nil
	case err != nil:
		return served{}, fmt.Errorf("cannot ask what is served: %w", err)
	case resources == nil:
		// An API server older than 1.27 tells of one version at a time.
		if resources, failed, err = askEach(ctx, d, groups, kinds); err != nil {
			return served{}, err
		}
	}
	out := served{version: make(map[string]string), unknown: make(map[string]bool)}
	for _, k := range kinds {
		out.choose(k, resources, failed)
	}
	return out, nil
}

// assumed takes every kind as served, in its newest version, where discovery is
// forbidden; a list that finds nothing tells otherwise.
func assumed(kinds []Kind) served {
	out := served{version: make(map[string]string)}
	for _, k := range kinds {
		out.version[k.Resource] = k.Versions[0]
	}
	return out
}

// choose takes the newest version that both sides know.
func (s *served) choose(k Kind, resources map[schema.GroupVersion]*metav1.APIResourceList, failed map[schema.GroupVersion]error) {
	for _, v := range k.Versions {
		gv := schema.GroupVersion{Group: k.Group, Version: v}
		if _, stale := failed[gv]; stale {
			s.unknown[k.Resource] = true
		}
		list := resources[gv]
		if list != nil && slices.ContainsFunc(list.APIResources, func(r metav1.APIResource) bool { return r.Name == k.Plural }) {
			s.version[k.Resource] = v
			return
		}
	}
}

// askEach asks for the resources of each group and version that is served and
// has a kind of ours.
func askEach(ctx context.Context, d *discovery.DiscoveryClient, groups *metav1.APIGroupList, kinds []Kind) (
	resources map[schema.GroupVersion]*metav1.APIResourceList, failed map[schema.GroupVersion]error, err error,
) {
	resources = make(map[schema.GroupVersion]*metav1.APIResourceList)
	failed = make(map[schema.GroupVersion]error)
	for _, g := range groups.Groups {
		for _, v := range g.Versions {
			gv := schema.GroupVersion{Group: g.Name, Version: v.Version}
			if !slices.ContainsFunc(kinds, func(k Kind) bool { return k.Group == gv.Group && slices.Contains(k.Versions, gv.Version) }) {
				continue
			}
			list, err := d.ServerResourcesForGroupVersionWithContext(ctx, gv.String())
			switch {
			case err == nil:
				resources[gv] = list
			case transportFailed(err):
				return nil, nil, fmt.Errorf("cannot ask what is served: %w", err)
			default:
				failed[gv] = err
			}
		}
	}
	return resources, failed, nil
}
