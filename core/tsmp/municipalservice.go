package tsmp

import "context"

// Municipal is what a certificate authority does for municipalities and the help
// desk besides CA, under the same terms. Call.Role says which of both asks.
type Municipal interface {
	RegisterPerson(context.Context, *Call, *RegisterPersonRequest) (*RegisterPersonAnswer, error)
	ChangePerson(context.Context, *Call, *ChangePersonRequest) (*RecordedAnswer, error)
	ReportDeparture(context.Context, *Call, *ReportDepartureRequest) (*RecordedAnswer, error)
	IssueCard(context.Context, *Call, *IssueCardRequest) (*IssueCardAnswer, error)
	IssueCardCertificates(context.Context, *Call, *IssueCardCertificatesRequest) (*IssueCardCertificatesAnswer, error)
	IssueCardCertificate(context.Context, *Call, *IssueCardCertificateRequest) (*IssueCardCertificateAnswer, error)
	ReportCardLoss(context.Context, *Call, *ReportCardLossRequest) (*CardAnswer, error)
	HoldCard(context.Context, *Call, *HoldCardRequest) (*CardAnswer, error)
	LiftCard(context.Context, *Call, *LiftCardRequest) (*CardAnswer, error)
	GetPerson(context.Context, *Call, *GetPersonRequest) (*GetPersonAnswer, error)
	FindServiceInstances(context.Context, *Call, *FindServiceInstancesRequest) (*FindServiceInstancesAnswer, error)
}

// MunicipalService serves what municipalities and the help desk ask. An authority serves it together
// with CAService: see Merge.
func MunicipalService(m Municipal) Service {
	return Service{
		RegisterPerson:        serve(m.RegisterPerson),
		ChangePerson:          serve(m.ChangePerson),
		ReportDeparture:       serve(m.ReportDeparture),
		IssueCard:             serve(m.IssueCard),
		IssueCardCertificates: serve(m.IssueCardCertificates),
		IssueCardCertificate:  serve(m.IssueCardCertificate),
		ReportCardLoss:        serve(m.ReportCardLoss),
		HoldCard:              serve(m.HoldCard),
		LiftCard:              serve(m.LiftCard),
		GetPerson:             serve(m.GetPerson),
		FindServiceInstances:  serve(m.FindServiceInstances),
	}
}

// RemoteMunicipal is a certificate authority behind a municipality's or help desk's
// Caller: it implements Municipal.
type RemoteMunicipal struct{ *Caller }

var _ Municipal = RemoteMunicipal{}

// RegisterPerson implements Municipal.
func (r RemoteMunicipal) RegisterPerson(ctx context.Context, about *Call, b *RegisterPersonRequest) (*RegisterPersonAnswer, error) {
	return call[*RegisterPersonAnswer](ctx, r.Caller, RegisterPerson, about, b)
}

// ChangePerson implements Municipal.
func (r RemoteMunicipal) ChangePerson(ctx context.Context, about *Call, b *ChangePersonRequest) (*RecordedAnswer, error) {
	return call[*RecordedAnswer](ctx, r.Caller, ChangePerson, about, b)
}

// ReportDeparture implements Municipal.
func (r RemoteMunicipal) ReportDeparture(ctx context.Context, about *Call, b *ReportDepartureRequest) (*RecordedAnswer, error) {
	return call[*RecordedAnswer](ctx, r.Caller, ReportDeparture, about, b)
}

// IssueCard implements Municipal.
func (r RemoteMunicipal) IssueCard(ctx context.Context, about *Call, b *IssueCardRequest) (*IssueCardAnswer, error) {
	return call[*IssueCardAnswer](ctx, r.Caller, IssueCard, about, b)
}

// IssueCardCertificates implements Municipal.
func (r RemoteMunicipal) IssueCardCertificates(ctx context.Context, about *Call, b *IssueCardCertificatesRequest) (*IssueCardCertificatesAnswer, error) {
	return call[*IssueCardCertificatesAnswer](ctx, r.Caller, IssueCardCertificates, about, b)
}

// IssueCardCertificate implements Municipal.
func (r RemoteMunicipal) IssueCardCertificate(ctx context.Context, about *Call, b *IssueCardCertificateRequest) (*IssueCardCertificateAnswer, error) {
	return call[*IssueCardCertificateAnswer](ctx, r.Caller, IssueCardCertificate, about, b)
}

// ReportCardLoss implements Municipal.
func (r RemoteMunicipal) ReportCardLoss(ctx context.Context, about *Call, b *ReportCardLossRequest) (*CardAnswer, error) {
	return call[*CardAnswer](ctx, r.Caller, ReportCardLoss, about, b)
}

// HoldCard implements Municipal.
func (r RemoteMunicipal) HoldCard(ctx context.Context, about *Call, b *HoldCardRequest) (*CardAnswer, error) {
	return call[*CardAnswer](ctx, r.Caller, HoldCard, about, b)
}

// LiftCard implements Municipal.
func (r RemoteMunicipal) LiftCard(ctx context.Context, about *Call, b *LiftCardRequest) (*CardAnswer, error) {
	return call[*CardAnswer](ctx, r.Caller, LiftCard, about, b)
}

// GetPerson implements Municipal.
func (r RemoteMunicipal) GetPerson(ctx context.Context, about *Call, b *GetPersonRequest) (*GetPersonAnswer, error) {
	return call[*GetPersonAnswer](ctx, r.Caller, GetPerson, about, b)
}

// FindServiceInstances implements Municipal.
func (r RemoteMunicipal) FindServiceInstances(ctx context.Context, about *Call, b *FindServiceInstancesRequest) (*FindServiceInstancesAnswer, error) {
	return call[*FindServiceInstancesAnswer](ctx, r.Caller, FindServiceInstances, about, b)
}
