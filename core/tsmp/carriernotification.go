package tsmp

import "time"

// Notice is what every notification between SP-TSM and MNO-TSM has.
type Notice struct {
	// Epoch is which life of its records the sender numbers in: 0 until it had to go back
	// to a backup, then more than ever before. Numbers begin anew with it, somewhere.
	Epoch    uint64
	Sequence uint64 // of this sender's notifications to this recipient, from 1 without gaps
	At       time.Time
}

func (n *Notice) visit(m *members) {
	m.optional().number("epoch", &n.Epoch, 1, 1<<53-1)
	m.number("sequence", &n.Sequence, 1, 1<<53-1)
	m.time("at", &n.At)
}

// SubscriptionStatus is what a subscription is.
type SubscriptionStatus byte

// Statuses of a subscription.
const (
	SubscriptionActive    SubscriptionStatus = iota + 1
	SubscriptionSuspended                    // 利用停止: it comes back
	SubscriptionEnded                        // 解約, MNP転出: it does not
)

var subscriptionStatusWords = []named[SubscriptionStatus]{
	{SubscriptionActive, "active"}, {SubscriptionSuspended, "suspended"}, {SubscriptionEnded, "ended"},
}

// String is the status's word in messages.
func (s SubscriptionStatus) String() string { return wordOf(subscriptionStatusWords, s) }

// HandleMobileSubscriptionIdentifierChangedNotificationRequest: the contract has
// another holder or carrier's tenant; the pseudonym is another.
type HandleMobileSubscriptionIdentifierChangedNotificationRequest struct {
	Notice        Notice
	Subscriber    Subscriber
	NewSubscriber Subscriber
}

func (b *HandleMobileSubscriptionIdentifierChangedNotificationRequest) visit(m *members) {
	b.Notice.visit(m)
	m.id("subscriber", b.Subscriber[:])
	m.id("newSubscriber", b.NewSubscriber[:])
}

// HandleMobileSubscriptionStatusChangeNotificationRequest: suspended, active
// again, or ended.
type HandleMobileSubscriptionStatusChangeNotificationRequest struct {
	Notice     Notice
	Subscriber Subscriber
	Status     SubscriptionStatus
}

func (b *HandleMobileSubscriptionStatusChangeNotificationRequest) visit(m *members) {
	b.Notice.visit(m)
	m.id("subscriber", b.Subscriber[:])
	word(m, "status", &b.Status, subscriptionStatusWords)
}

// HandleSERenewalNotificationRequest: the subscription has another SIM. Nothing
// of the old one is on it.
type HandleSERenewalNotificationRequest struct {
	Notice     Notice
	Subscriber Subscriber
	SE         SEID
	NewSE      SEID
}

func (b *HandleSERenewalNotificationRequest) visit(m *members) {
	b.Notice.visit(m)
	m.id("subscriber", b.Subscriber[:])
	m.id("seId", b.SE[:])
	m.id("newSeId", b.NewSE[:])
}

// HandleSEDeviceChangedNotificationRequest: the SIM is in another device.
type HandleSEDeviceChangedNotificationRequest struct {
	Notice    Notice
	SE        SEID
	ProfileID string // of the device; "": one that the carrier does not know
}

func (b *HandleSEDeviceChangedNotificationRequest) visit(m *members) {
	b.Notice.visit(m)
	m.id("seId", b.SE[:])
	m.optional().text("profileId", &b.ProfileID, 1, MaxProfileID)
}

// DeviceStatus is what has become of a device.
type DeviceStatus byte

// Statuses of a device.
const (
	DeviceInUse DeviceStatus = iota + 1 // or found again
	DeviceLost
	DeviceStolen
)

var deviceStatusWords = []named[DeviceStatus]{{DeviceInUse, "in-use"}, {DeviceLost, "lost"}, {DeviceStolen, "stolen"}}

// String is the status's word in messages.
func (s DeviceStatus) String() string { return wordOf(deviceStatusWords, s) }

// HandleSEDeviceStatusChangeNotificationRequest: the device was reported lost or
// stolen to the carrier, or found.
type HandleSEDeviceStatusChangeNotificationRequest struct {
	Notice Notice
	SE     SEID
	Status DeviceStatus
}

func (b *HandleSEDeviceStatusChangeNotificationRequest) visit(m *members) {
	b.Notice.visit(m)
	m.id("seId", b.SE[:])
	word(m, "status", &b.Status, deviceStatusWords)
}

// HandleSEMobileSubscriptionChangedNotificationRequest: the SIM belongs to
// another subscription, or to none.
type HandleSEMobileSubscriptionChangedNotificationRequest struct {
	Notice        Notice
	SE            SEID
	Subscriber    Subscriber
	NewSubscriber Subscriber // zero: none
}

func (b *HandleSEMobileSubscriptionChangedNotificationRequest) visit(m *members) {
	b.Notice.visit(m)
	m.id("seId", b.SE[:])
	m.id("subscriber", b.Subscriber[:])
	m.optional().id("newSubscriber", b.NewSubscriber[:])
}

// SEStatus is what a SIM is.
type SEStatus byte

// Statuses of a SIM.
const (
	SEActive SEStatus = iota + 1
	SEBlocked
	SERetired // out of the network for good
)

var seStatusWords = []named[SEStatus]{{SEActive, "active"}, {SEBlocked, "blocked"}, {SERetired, "retired"}}

// String is the status's word in messages.
func (s SEStatus) String() string { return wordOf(seStatusWords, s) }

// HandleSEStatusChangeNotificationRequest: blocked, free again, or retired.
type HandleSEStatusChangeNotificationRequest struct {
	Notice Notice
	SE     SEID
	Status SEStatus
}

func (b *HandleSEStatusChangeNotificationRequest) visit(m *members) {
	b.Notice.visit(m)
	m.id("seId", b.SE[:])
	word(m, "status", &b.Status, seStatusWords)
}
