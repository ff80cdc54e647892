package mesh

// Controller is what makes pods: Deployment, StatefulSet, DaemonSet,
// ReplicaSet, Job or CronJob.
type Controller struct {
	Meta
	// Selector is nil for a CronJob.
	Selector *LabelSelector
	// Template is the pod template's labels, annotations and containers:
	// a label on the controller's own metadata does nothing in ambient.
	TemplateLabels      map[string]string
	TemplateAnnotations map[string]string
	ServiceAccount      string
	HostNetwork         bool
	Containers          []Container
	// Wanted is spec.replicas (a DaemonSet's desired number), Ready the ready
	// ones, Updated those of the newest template.
	Wanted, Ready, Updated int32
	// Paused or suspended.
	Suspended  bool
	Conditions Conditions
	// Revision is deployment.kubernetes.io/revision of a ReplicaSet.
	Revision string
}

// Env returns the literal value of a variable of the controller's containers
// and whether it is set at all.
func (c *Controller) Env(name string) (string, bool) {
	for i := range c.Containers {
		if v, ok := c.Containers[i].Env[name]; ok {
			return v, true
		}
	}
	return "", false
}

// Autoscaler is a HorizontalPodAutoscaler.
type Autoscaler struct {
	Meta
	Target          Ref
	MinReplicas     int32
	MaxReplicas     int32
	CurrentReplicas int32
	DesiredReplicas int32
	Conditions      Conditions
}

// DisruptionBudget is a PodDisruptionBudget.
type DisruptionBudget struct {
	Meta
	Selector           *LabelSelector
	MinAvailable       string // as written: a number or a percentage
	MaxUnavailable     string
	DisruptionsAllowed int32
}
