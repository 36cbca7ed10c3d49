package tsmp

import "slices"

// Entry is one line of the catalogue.
type Entry struct {
	Code    Code
	Retry   Retry
	Meaning string
}

var catalogue = []Entry{
	{CodeTooLarge, RetryNew, "the signed request is longer than 262,144 bytes"},
	{CodeKey, RetryNew, "no such key, or it was not in force at the request's time, or it is not the sender's"},
	{CodeSignature, RetryNew, "the request's signature does not verify"},
	{CodeMalformed, RetryNew, "the request breaks its format; path names the member"},
	{CodeVersion, RetryNew, "the protocol version is not spoken here"},
	{CodeFunction, RetryNever, "the recipient has no such function"},
	{CodeRecipient, RetryNew, "the request names another recipient"},
	{CodeNotAuthorised, RetryNever, "the sender's role may not ask this, or not on this ground"},
	{CodeConflict, RetryNew, "the call identifier was used with other content"},
	{CodeInProgress, RetrySame, "the call is being executed"},
	{CodeExpired, RetryNew, "the validity period is over and the call was never executed"},
	{CodeFuture, RetrySame, "the request's time is more than two minutes ahead"},
	{CodeOverloaded, RetrySame, "the recipient has too much to do"},
	{CodeInternal, RetrySame, "the recipient failed; nothing is known to have been done"},

	{CodeApplicationMalformed, RetryNever, "the application breaks its format or contradicts itself"},
	{CodeApplicationSignature, RetryNever, "the application's signature does not verify"},
	{CodeSignerUnknown, RetryNever, "the signer's certificate is not a card's signature certificate of this authority"},
	{CodeSignerRevoked, RetryNever, "the signer's certificate is revoked"},
	{CodeSignerSuspended, RetryNew, "the signer's certificate is suspended"},
	{CodeSignerExpired, RetryNever, "the signer's certificate has expired"},
	{CodeApplicationStale, RetryNew, "the application was signed more than ten minutes ago, or in the future"},
	{CodeApplicationReplayed, RetryNever, "the application's nonce was seen before"},
	{CodeApplicationCode, RetryNew, "the one-time code is not the one that the application commits to, or one of the two is missing"},
	{CodeSIMPresence, RetryNew, "the statement that the SIM is present does not verify, or is missing where it is demanded"},
	{CodePersonNotEligible, RetryNever, "the person cannot hold such a certificate"},
	{CodePersonChanged, RetryNew, "address or name changed: the card has to be updated first"},
	{CodeApplicationOpen, RetryNew, "another application of the person is being carried out"},
	{CodeRateLimited, RetryNew, "too many of these within the time allowed"},
	{CodeUnknownApplication, RetryNever, "no such application of this sender"},
	{CodeApplicationPurpose, RetryNever, "the application is for another purpose or instance"},
	{CodeApplicationUsed, RetryNever, "the application was carried out already, or its time is over"},

	{CodeSIMMismatch, RetryNew, "the SIM is not the one that the applicant signed for"},
	{CodeUnknownAttestation, RetryNew, "the card's attestation key is not known, or is demanded"},
	{CodeUnknownOrder, RetryNever, "no such order of this sender"},
	{CodeOrderClosed, RetryNever, "the order ended: carried out, replaced or revoked"},
	{CodeOrderExpired, RetryNever, "the order's time is over"},
	{CodeCounterExhausted, RetryNever, "the order counter of that instance can rise no further"},
	{CodeStatementMalformed, RetryNew, "a card's statement breaks its format"},
	{CodeStatementMismatch, RetryNew, "a card's statement is of another order or counter"},
	{CodeAttestation, RetryNew, "a card's attestation is missing or wrong"},
	{CodePoint, RetryNew, "the card's ephemeral point is not on the curve"},
	{CodeKeyStatements, RetryNew, "key statements are not those of the order's roles and key origin"},
	{CodeProof, RetryNew, "the proof of possession is wrong"},
	{CodeModulus, RetryNever, "the modulus is malformed, or known from another issue"},
	{CodeReceipt, RetryNew, "the receipt is not that of what was issued"},
	{CodePendingExpired, RetryNever, "no receipt came within 24 hours; the certificate is void"},

	{CodeUnknownPhone, RetryNever, "no such service instance of this sender"},
	{CodeWrongHolder, RetryNever, "the card that signed is not that of the service instance's holder"},
	{CodeWrongState, RetryNew, "the instance or its certificates are not in a state for that"},
	{CodeGround, RetryNever, "the ground is not enough for that"},
	{CodeChallengeMismatch, RetryNew, "the application has another challenge than the card's statement"},

	{CodeUnknownPerson, RetryNever, "no such person"},
	{CodeUnknownCard, RetryNever, "no such card"},
	{CodeNotResident, RetryNever, "the person has left the register by death or emigration"},
	{CodeCardNotInForce, RetryNever, "the card is lost, replaced, ended or past its end of validity"},
	{CodeCardOnHold, RetryNew, "the card is on hold"},
	{CodeTermOver, RetryNew, "nothing would be left of the validity"},
	{CodeCertificateRequest, RetryNew, "the certificate request breaks its format, or its signature does not verify"},

	{CodeUnknownSE, RetryNever, "no such SIM of this carrier"},
	{CodeUnknownDevice, RetryNew, "the carrier does not know the device that the SIM is in"},
	{CodeUnknownSubscriber, RetryNever, "no such subscription, or not for this sender"},
	{CodeSubscriberChanged, RetryNever, "SIM and subscription do not belong together any more"},
	{CodeUnknownService, RetryNever, "no such service is agreed on with this sender"},
	{CodeNotEligible, RetryNew, "CheckGlobalEligibility would say no"},
	{CodeModelNotOffered, RetryNew, "the carrier does not offer the model on that SIM"},
	{CodeNotInModel, RetryNever, "the instance's deployment model has no such function or member"},
	{CodeReferenceUsed, RetryNew, "the reference was declared with other content"},
	{CodeServicePresent, RetryNew, "the SIM has another instance of that service"},
	{CodeUnknownReference, RetryNever, "no such service instance of this sender"},
	{CodeActionInProgress, RetryNew, "another action on the instance is under way, or the other side announced one"},
	{CodeUnknownAction, RetryNever, "no such action was begun"},
	{CodeAIDNotPermitted, RetryNever, "the identifier is not one that was agreed on for the service"},
	{CodeUnknownLoadFile, RetryNew, "the load file is not here under that hash: send it along"},
	{CodeLoadFile, RetryNever, "the load file has another hash, or no signature of the provider that verifies"},
	{CodeMemory, RetryNew, "the SIM has no room"},
	{CodeNoBearer, RetryNew, "none of the bearers reaches the SIM"},
	{CodeNoAuthority, RetryNever, "the SIM has no controlling authority's domain"},
	{CodeTemplate, RetryNew, "a template breaks its format or asks for another scenario"},
	{CodeTokenRefused, RetryNever, "the command is none that a token is given for"},
	{CodeUnknownConversation, RetryNever, "no such conversation of this sender"},
	{CodeConversationOver, RetryNew, "the conversation has ended"},
	{CodeScriptOrder, RetryNew, "the script's number is not the next one, or the one before has not ended"},
	{CodeScriptTooLong, RetryNew, "the script has more bytes than the conversation takes"},
	{CodeAuditPending, RetryNew, "the card is being asked: ask again later"},

	{CodeUnknownSession, RetryNever, "no application of this app under that nonce"},
	{CodeUnknownTicket, RetryNever, "no such ticket, or its time is over, or another app has used it"},
	{CodeCarrier, RetrySame, "the carrier of the SIM does not answer"},
}

var byCode = func() map[Code]Entry {
	index := map[Code]Entry{}
	for _, e := range catalogue {
		index[e.Code] = e
	}
	return index
}()

// Catalogue is all codes, in the order of the specification.
func Catalogue() []Entry { return slices.Clone(catalogue) }

// LookupCode finds a code in the catalogue.
func LookupCode(c Code) (Entry, bool) {
	e, ok := byCode[c]
	return e, ok
}
