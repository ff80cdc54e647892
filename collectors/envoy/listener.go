package envoy

import (
	"net"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/waylight/waylight/mesh"
)

// rawDynamicListener is a listener from istiod in up to three versions at once.
type rawDynamicListener struct {
	Name          string            `json:"name"`
	ActiveState   *rawListenerState `json:"active_state"`
	WarmingState  *rawListenerState `json:"warming_state"`
	DrainingState *rawListenerState `json:"draining_state"`
	ErrorState    *rawErrorState    `json:"error_state"`
}

type rawListenerState struct {
	Listener jsontext.Value `json:"listener"`
}

// rawErrorState is an update that Envoy refused; the refused configuration
// itself is not read.
type rawErrorState struct {
	Details string `json:"details"`
}

func (e *rawErrorState) reason() string {
	switch {
	case e == nil:
		return ""
	case e.Details == "":
		return "refused without a reason"
	}
	return e.Details
}

type rawListener struct {
	Name               string         `json:"name"`
	Address            *rawAddress    `json:"address"`
	FilterChains       jsontext.Value `json:"filter_chains"`
	DefaultFilterChain jsontext.Value `json:"default_filter_chain"`
	FilterChainMatcher jsontext.Value `json:"filter_chain_matcher"`
}

func (d *decoding) staticListener(raw *rawListenerState) {
	d.listener("", raw, mesh.EnvoyStatic, "")
}

// dynamicListener keeps every version of a listener, and the refusal of a newer
// one with the one that stayed in force.
func (d *decoding) dynamicListener(raw *rawDynamicListener) {
	rejected := raw.ErrorState.reason()
	if raw.ActiveState == nil && rejected != "" {
		d.dump.Listeners = append(d.dump.Listeners, mesh.EnvoyListener{Name: raw.Name, Rejected: rejected})
	}
	d.listener(raw.Name, raw.ActiveState, mesh.EnvoyActive, rejected)
	d.listener(raw.Name, raw.WarmingState, mesh.EnvoyWarming, "")
	d.listener(raw.Name, raw.DrainingState, mesh.EnvoyDraining, "")
}

func (d *decoding) listener(name string, state *rawListenerState, as mesh.EnvoyState, rejected string) {
	if state == nil {
		return
	}
	raw := one[rawListener](d.walker, "listener", state.Listener)
	if raw == nil {
		return
	}
	l := mesh.EnvoyListener{Name: raw.Name, State: as, Rejected: rejected, Address: "internal"}
	if l.Name == "" {
		l.Name = name
	}
	if raw.Address != nil {
		l.Address, _ = raw.Address.split()
	}
	if l.Name == "" {
		l.Name = l.Address // static listeners have no other name
	}
	chains := d.chains(&l)
	each(d.walker, "filter chain", raw.FilterChains, chains.add)
	if last := one[rawChain](d.walker, "filter chain", raw.DefaultFilterChain); last != nil {
		chains.add(last)
	}
	if present(raw.FilterChainMatcher) {
		matches := d.matches(raw.FilterChainMatcher)
		for i := range l.Chains {
			l.Chains[i].Match = matches.of(l.Chains[i].Name)
		}
	}
	d.dump.Listeners = append(d.dump.Listeners, l)
}

// rawAddress is one of the kinds of address of Envoy.
type rawAddress struct {
	Socket *struct {
		Address   string `json:"address"`
		PortValue number `json:"port_value"`
		NamedPort string `json:"named_port"`
	} `json:"socket_address"`
	Pipe *struct {
		Path string `json:"path"`
	} `json:"pipe"`
	Internal *struct {
		Listener   string `json:"server_listener_name"`
		EndpointID string `json:"endpoint_id"`
	} `json:"envoy_internal_address"`
}

// split gives the address and the internal listener before it. What Envoy
// prints as envoy://connect_originate/10.0.0.1:8080 is 10.0.0.1:8080 through
// connect_originate; an internal listener without an endpoint is the address.
func (a *rawAddress) split() (address, tunnel string) {
	switch {
	case a == nil:
		return "", ""
	case a.Socket != nil && a.Socket.NamedPort != "":
		return net.JoinHostPort(a.Socket.Address, a.Socket.NamedPort), ""
	case a.Socket != nil:
		return net.JoinHostPort(a.Socket.Address, strconv.FormatUint(uint64(a.Socket.PortValue), 10)), ""
	case a.Pipe != nil:
		return a.Pipe.Path, ""
	case a.Internal != nil && a.Internal.EndpointID != "":
		return a.Internal.EndpointID, a.Internal.Listener
	case a.Internal != nil:
		return a.Internal.Listener, ""
	}
	return "", ""
}
