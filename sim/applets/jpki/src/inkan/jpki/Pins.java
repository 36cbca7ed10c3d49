package inkan.jpki;

import javacard.framework.APDU;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.OwnerPIN;

/**
 * PINs and single-use codes (JPKI-AP, PIN). All comparing and counting is
 * OwnerPIN's: it writes the counter down before it compares, outside any
 * transaction, and takes the same time wherever a value differs.
 *
 * Under policy 00 a second OwnerPIN holds the auth PIN for contactless, with
 * tries and a verified state of its own: what happens there can't lock the
 * holder out, and what the holder did on contact does not count there.
 */
final class Pins {
	private static final byte AUTH_SIZE = 4;
	private static final byte AUTH_TRIES = 3;
	private static final byte SIGN_LEAST = 6;
	private static final byte SIGN_MOST = 16;
	private static final byte SIGN_TRIES = 5;
	private static final byte CODE_TRIES = 5;
	private static final short LONGEST = 16;
	/** Contactless states. */
	static final short OFF = 0;
	static final short ON = 1;
	static final short ONE_SIGNATURE = 2;

	private final Parameters parameters;
	private final State state;
	private final Crypto crypto;
	private final OwnerPIN auth;
	private final OwnerPIN air; // auth over contactless under policy 00, else null
	private final OwnerPIN sign; // card form, else null
	private final OwnerPIN[] codes;
	private Files files;

	Pins(Parameters parameters, State state, Crypto crypto) {
		this.parameters = parameters;
		this.state = state;
		this.crypto = crypto;
		auth = new OwnerPIN(AUTH_TRIES, AUTH_SIZE);
		air = parameters.policy == Parameters.POLICY_PHONE ? new OwnerPIN(parameters.tries, AUTH_SIZE) : null;
		codes = new OwnerPIN[2];
		codes[Role.AUTH] = new OwnerPIN(CODE_TRIES, (byte) Crypto.CODE_SIZE);
		if (parameters.form == Parameters.CARD) {
			sign = new OwnerPIN(SIGN_TRIES, SIGN_MOST);
			codes[Role.SIGN] = new OwnerPIN(CODE_TRIES, (byte) Crypto.CODE_SIZE);
		} else {
			sign = null;
		}
	}

	/** Files and Pins need each other. */
	void setFiles(Files files) {
		this.files = files;
	}

	/** Whether the command comes over contactless and the policy tells that from contact. */
	boolean restricted() {
		return air != null && Input.contactless();
	}

	/** Whether the signature pair is there over the interface of the command. Spec: SPEC-JPKI-AP-029. */
	boolean signHere() {
		return sign != null && !restricted();
	}

	/** The PIN of a role over the interface of the command; null: none is set. */
	private OwnerPIN pin(byte role) {
		if (role == Role.SIGN && !signHere() || !state.has((short) (State.AUTH_PIN << role))) {
			return null;
		}
		return role == Role.SIGN ? sign : restricted() ? air : auth;
	}

	/** Whether a role's PIN is verified for this command. Spec: SPEC-JPKI-AP-026, SPEC-JPKI-AP-072. */
	boolean isVerified(byte role) {
		OwnerPIN pin = pin(role);
		return pin != null && (pin.isValidated() || role == Role.AUTH && restricted() && state.ram[State.CONTACTLESS] == ONE_SIGNATURE);
	}

	/** Ends what allows one signature over contactless only. Spec: SPEC-JPKI-AP-027, SPEC-JPKI-AP-028. */
	void spend() {
		if (restricted()) {
			if (state.ram[State.CONTACTLESS] == ONE_SIGNATURE) {
				state.ram[State.CONTACTLESS] = OFF;
			}
			forget(air);
		}
	}

	/** Clears all verified states. Spec: SPEC-JPKI-AP-003. */
	void forgetAll() {
		forget(auth);
		if (air != null) {
			forget(air);
		}
		if (sign != null) {
			forget(sign);
		}
	}

	private static void forget(OwnerPIN pin) {
		if (pin.isValidated()) {
			pin.reset();
		}
	}

	/** VERIFY. Spec: SPEC-JPKI-AP-050 to SPEC-JPKI-AP-059. */
	void verify(APDU apdu, byte[] b) {
		Status.need(b[ISO7816.OFFSET_P1] == 0, ISO7816.SW_INCORRECT_P1P2);
		Files.checkReference(b[ISO7816.OFFSET_P2]);
		short n = Input.receive(apdu);
		Status.need(n <= LONGEST, ISO7816.SW_WRONG_LENGTH);
		byte ef = files.pin(b[ISO7816.OFFSET_P2]);
		OwnerPIN pin = pin(Ef.role(ef));
		if (n > 0) {
			Status.need(state.phase() != State.SUSPENDED, ISO7816.SW_CONDITIONS_NOT_SATISFIED);
			Status.need(pin != null && pin.getTriesRemaining() > 0, Status.BLOCKED);
			if (pin.check(b, Input.DATA, (byte) n)) {
				files.setCurrent(ef);
				if (pin == auth && air != null && air.getTriesRemaining() < parameters.tries) {
					air.resetAndUnblock();
				}
				return;
			}
		}
		files.setCurrent(ef);
		ISOException.throwIt((short) (Status.TRIES | (pin == null ? 0 : pin.getTriesRemaining())));
	}

	/** CHANGE REFERENCE DATA. Spec: SPEC-JPKI-AP-060, SPEC-JPKI-AP-061. */
	void change(APDU apdu, byte[] b) {
		Status.need(b[ISO7816.OFFSET_P1] == 0x01, ISO7816.SW_INCORRECT_P1P2);
		Files.checkReference(b[ISO7816.OFFSET_P2]);
		short n = Input.receive(apdu);
		Status.need(n > 0 && n <= LONGEST, ISO7816.SW_WRONG_LENGTH);
		byte ef = files.pin(b[ISO7816.OFFSET_P2]);
		byte role = Ef.role(ef);
		Status.need(state.phase() == State.ACTIVE, ISO7816.SW_CONDITIONS_NOT_SATISFIED);
		Status.need(isVerified(role), ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
		Status.need(isPIN(role, b, Input.DATA, n), ISO7816.SW_WRONG_DATA);
		JCSystem.beginTransaction();
		setPIN(role, b, Input.DATA, n);
		JCSystem.commitTransaction();
		files.setCurrent(ef);
	}

	/** RESET RETRY COUNTER. Spec: SPEC-JPKI-AP-062 to SPEC-JPKI-AP-064. */
	void reset(APDU apdu, byte[] b) {
		Status.need(b[ISO7816.OFFSET_P1] == 0, ISO7816.SW_INCORRECT_P1P2);
		Files.checkReference(b[ISO7816.OFFSET_P2]);
		short n = (short) (Input.receive(apdu) - Crypto.CODE_SIZE);
		Status.need(n > 0 && n <= LONGEST, ISO7816.SW_WRONG_LENGTH);
		byte ef = files.pin(b[ISO7816.OFFSET_P2]);
		byte role = Ef.role(ef);
		short pending = State.of(State.CODE, role);
		Status.need(state.phase() == State.ACTIVE && state.has(pending), ISO7816.SW_CONDITIONS_NOT_SATISFIED);
		OwnerPIN code = codes[role];
		Status.need(code.getTriesRemaining() > 0, Status.BLOCKED);
		short value = (short) (Input.DATA + Crypto.CODE_SIZE);
		Status.need(isPIN(role, b, value, n), ISO7816.SW_WRONG_DATA);
		files.setCurrent(ef);
		if (!code.check(b, Input.DATA, (byte) Crypto.CODE_SIZE)) {
			ISOException.throwIt((short) (Status.TRIES | code.getTriesRemaining()));
		}
		JCSystem.beginTransaction();
		setPIN(role, b, value, n);
		state.mark((short) (State.AUTH_PIN << role), pending);
		JCSystem.commitTransaction();
	}

	/** Whether a value has the PIN's alphabet and length. */
	private static boolean isPIN(byte role, byte[] b, short offset, short n) {
		if (role == Role.AUTH ? n != AUTH_SIZE : n < SIGN_LEAST || n > SIGN_MOST) {
			return false;
		}
		boolean good = true;
		for (short i = 0; i < n; i++) {
			byte c = b[(short) (offset + i)];
			good &= c >= '0' && c <= '9' || role == Role.SIGN && c >= 'A' && c <= 'Z';
		}
		return good;
	}

	/** Sets a PIN with all its tries on both interfaces, not verified. Within a transaction. */
	private void setPIN(byte role, byte[] b, short offset, short n) {
		if (role == Role.SIGN) {
			sign.update(b, offset, (byte) n);
			return;
		}
		auth.update(b, offset, (byte) n);
		if (air != null) {
			air.update(b, offset, (byte) n);
		}
	}

	/** Sets a single-use code with all its tries. Within a transaction. Spec: SPEC-PERSO-047. */
	void setCode(byte role, byte[] b, short offset) {
		codes[role].update(b, offset, (byte) Crypto.CODE_SIZE);
	}

	/** Overwrites a PIN that is not set any more: OwnerPIN has no way to forget its value. */
	void destroyPIN(byte role) {
		crypto.random.generateData(crypto.work, Crypto.PART, SIGN_MOST);
		JCSystem.beginTransaction();
		setPIN(role, crypto.work, Crypto.PART, role == Role.AUTH ? AUTH_SIZE : SIGN_MOST);
		JCSystem.commitTransaction();
		crypto.wipe();
	}

	/** Overwrites a code that is not pending any more. */
	void destroyCode(byte role) {
		crypto.random.generateData(crypto.work, Crypto.PART, Crypto.CODE_SIZE);
		setCode(role, crypto.work, Crypto.PART);
		crypto.wipe();
	}
}
