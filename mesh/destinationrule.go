package mesh

import "time"

// DestinationRule sets what happens after routing: subsets, load balancing,
// pools, ejection.
type DestinationRule struct {
	Meta
	Host             string
	ExportTo         []string
	WorkloadSelector *LabelSelector
	Policy           *TrafficPolicy
	Subsets          []Subset
}

// Subset is a named part of a host's pods.
type Subset struct {
	Name   string
	Labels map[string]string
	Policy *TrafficPolicy
}

// TrafficPolicy is the part Waylight shows and judges. Zero numbers mean not
// set.
type TrafficPolicy struct {
	LoadBalancer      string // ROUND_ROBIN, LEAST_REQUEST, RANDOM, PASSTHROUGH, consistentHash
	LocalityLB        string // in words, empty if not set
	MaxConnections    int32
	ConnectTimeout    *time.Duration
	MaxRequests       int32 // http2MaxRequests
	MaxPending        int32 // http1MaxPendingRequests
	RequestsPerConn   int32
	MaxRetries        int32
	IdleTimeout       *time.Duration
	Outlier           *Outlier
	TLSMode           string // DISABLE, SIMPLE, MUTUAL, ISTIO_MUTUAL
	SNI               string
	PortLevel         map[uint16]*TrafficPolicy
	HasConnectionPool bool
}

// Outlier is outlierDetection.
type Outlier struct {
	Consecutive5xx       *uint32
	ConsecutiveGateway   *uint32
	Interval             *time.Duration
	BaseEjection         *time.Duration
	MaxEjectionPercent   int32
	MinHealthPercent     int32
	ConsecutiveLocalFail *uint32
}

// Subset returns the named subset, nil if the rule does not define it.
func (d *DestinationRule) Subset(name string) *Subset {
	for i := range d.Subsets {
		if d.Subsets[i].Name == name {
			return &d.Subsets[i]
		}
	}
	return nil
}
