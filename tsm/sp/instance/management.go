package instance

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"inkan/core/gp"
	"inkan/core/tsmp"
)

// Content is a load file and its application in the provider's domain.
type Content struct {
	Reference tsmp.ServiceReference
	Model     tsmp.Model // ModelDelegated or ModelAuthorised
	Domain    gp.AID
	Package   gp.AID
	Module    gp.AID
	Instance  gp.AID
	// Privileges and Parameters of the application; Parameters are the value of C9.
	Privileges gp.Privileges
	Parameters []byte
	Hash       [sha256.Size]byte // of the load file data block
	// BlockBytes is the most plain data of one LOAD, as in Target.
	BlockBytes int
}

// operation is one operation of content management, with the token and the receipt
// that it needs in the delegated model.
type operation struct {
	kind    operationKind
	aid     gp.AID // what is deleted
	token   []byte
	state   operationState
	receipt []byte // the card's confirmation, to be verified, or to be complained of
}

type operationKind byte

const (
	operationLoad operationKind = iota + 1
	operationInstall
	operationDelete        // an application
	operationDeleteRelated // a load file with its applications
)

var operationNames = [...]string{"", "INSTALL [for load], LOAD", "INSTALL [for install and make selectable]", "DELETE", "DELETE"}

type operationState byte

const (
	operationToken   operationState = iota + 1 // its token is to be generated
	operationReady                             // its commands are to be sent
	operationAsk                               // whether it was done is to be asked
	operationReceipt                           // its receipt is to be verified
	operationDone
	operationFailed // it was done, and what confirms it is none: an error when its turn comes
)

// Management loads, installs and deletes in the provider's domain: a Program of the
// delegated and the authorised model. In the delegated model its calls are
// GenerateDMToken and VerifyDMReceipt, each for all of its operations. The commands of all
// are one run. Make one with NewDeployment or NewRemoval.
type Management struct {
	resources  Resources
	content    Content
	operations []operation
	refusals   byte
	lost       byte // receipts that were lost with their answers
}

var _ Program = (*Management)(nil)

// NewDeployment makes the loading of a load file and the installation of its
// application. Resources has the load file. Spec: SPEC-INSTANCE-070, SPEC-INSTANCE-071.
func NewDeployment(c Content, r Resources) (*Management, error) {
	m, err := newManagement(c, r, operation{kind: operationLoad}, operation{kind: operationInstall})
	if err != nil {
		return nil, err
	}
	_, err = m.loads()
	return m, err
}

// NewInstallation makes the installation of an application whose load file is there.
func NewInstallation(c Content) (*Management, error) {
	return newManagement(c, Resources{}, operation{kind: operationInstall})
}

// NewRemoval makes the deletion of the load file with all applications of it.
// Spec: SPEC-INSTANCE-073.
func NewRemoval(c Content) (*Management, error) {
	return newManagement(c, Resources{}, operation{kind: operationDeleteRelated, aid: c.Package})
}

// NewDeletion makes the deletion of the application alone. Spec: SPEC-INSTANCE-073.
func NewDeletion(c Content) (*Management, error) {
	return newManagement(c, Resources{}, operation{kind: operationDelete, aid: c.Instance})
}

func newManagement(c Content, r Resources, list ...operation) (*Management, error) {
	if err := c.valid(); err != nil {
		return nil, err
	}
	for i := range list {
		list[i].state = operationReady
		if c.Model == tsmp.ModelDelegated {
			list[i].state = operationToken
		}
	}
	return &Management{resources: r, content: c, operations: list}, nil
}

func (c *Content) valid() error {
	switch {
	case c.Model != tsmp.ModelDelegated && c.Model != tsmp.ModelAuthorised:
		return fmt.Errorf("instance: in the model %v the carrier manages content", c.Model)
	case c.Domain.IsZero() || c.Package.IsZero() || c.Module.IsZero() || c.Instance.IsZero():
		return errors.New("instance: content without the AID of domain, package, module or instance")
	case c.BlockBytes < MinBlockBytes || c.BlockBytes > MaxBlockBytes:
		return fmt.Errorf("instance: blocks of %d bytes, want %d to %d", c.BlockBytes, MinBlockBytes, MaxBlockBytes)
	}
	return nil
}

// turns is in which order operations are gone on with, by their states: what has been done
// is brought to the carrier, and what may have been is asked for, before anything else is.
var turns = [...]operationState{operationToken, operationReceipt, operationFailed, operationAsk, operationReady}

// current is the operation that is to be gone on with, the first of those whose turn it
// is; nil: all are done. Spec: SPEC-INSTANCE-074.
func (m *Management) current() *operation {
	for _, s := range turns {
		if list := m.at(s); len(list) > 0 {
			return list[0]
		}
	}
	return nil
}

// at are the operations in a state, in their order.
func (m *Management) at(s operationState) (list []*operation) {
	for i := range m.operations {
		if m.operations[i].state == s {
			list = append(list, &m.operations[i])
		}
	}
	return list
}

// String is what it is and where.
func (m *Management) String() string { return "management at " + m.Stage() }

// Stage implements Program: "load", "install" or "delete", with "token" or "receipt"
// in front where that is next, or "done".
func (m *Management) Stage() string {
	o := m.current()
	if o == nil {
		return "done"
	}
	name := [...]string{"", "load", "install", "delete", "delete"}[o.kind]
	switch o.state {
	case operationToken:
		return "token " + name
	case operationReceipt, operationFailed:
		return "receipt " + name
	case operationAsk:
		return "ask " + name
	}
	return name
}

// ReceiptsLost is how many operations the registry says were done whose receipts were
// lost with their answers: nothing proves them. Spec: SPEC-INSTANCE-072.
func (m *Management) ReceiptsLost() int { return int(m.lost) }

// Take implements Program.
func (m *Management) Take(_ context.Context, o Outcome) error {
	next := m.clone()
	if err := next.take(&o); err != nil {
		return err
	}
	*m = *next
	return nil
}

// Answer implements Program.
func (m *Management) Answer(_ context.Context, b tsmp.Body) error {
	next := m.clone()
	if err := next.answer(b); err != nil {
		return err
	}
	*m = *next
	return nil
}

func (m *Management) clone() *Management {
	next := *m
	next.operations = append([]operation(nil), m.operations...)
	return &next
}
