package inkan.jpki;

import javacard.framework.APDU;
import javacard.framework.ISO7816;
import javacard.framework.Util;

/** Elementary files: which there are, selection and reading (JPKI-AP, files). */
final class Files {
	private static final short TOKEN_SIZE = 160;
	private static final short AVAILABILITY_SIZE = 3;
	private static final byte AVAILABLE = (byte) 0x8F;
	private static final byte CURRENT = (byte) 0x80;

	private static final byte[] MANUFACTURER = { 'I', 'N', 'K', 'A', 'N' };
	private static final byte[] MODEL = { 'I', 'N', 'K', 'A', 'N', '-', 'J', 'P', 'K', 'I', '-', '0', '1' };
	/** Flags, sessions (maximum and now, twice). */
	private static final byte[] TOKEN_FLAGS = { 0, 0, 4, 0x0D, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0 };
	private static final byte[] VERSIONS = { '0', '3', '0', '1' };

	private final Parameters parameters;
	private final State state;
	private final Content content;
	private final Pins pins;
	private final byte[] token;
	private final byte[] work;

	Files(Parameters parameters, State state, Content content, Pins pins, byte[] work) {
		this.parameters = parameters;
		this.state = state;
		this.content = content;
		this.pins = pins;
		this.work = work;
		token = new byte[TOKEN_SIZE];
		makeToken();
	}

	/** Spec: SPEC-JPKI-AP-040. */
	private void makeToken() {
		boolean card = parameters.form == Parameters.CARD;
		Util.arrayFillNonAtomic(token, (short) 0, (short) 80, (byte) ' ');
		Util.arrayCopyNonAtomic(parameters.label, (short) 0, token, (short) 0, Parameters.LABEL_SIZE);
		Util.arrayCopyNonAtomic(MANUFACTURER, (short) 0, token, (short) 32, (short) MANUFACTURER.length);
		Util.arrayCopyNonAtomic(MODEL, (short) 0, token, (short) 64, (short) MODEL.length);
		Util.arrayFillNonAtomic(token, (short) 80, (short) 16, (byte) '0');
		Util.arrayCopyNonAtomic(TOKEN_FLAGS, (short) 0, token, (short) 96, (short) TOKEN_FLAGS.length);
		Util.setShort(token, (short) 118, (short) (card ? 16 : 4));
		Util.setShort(token, (short) 122, (short) (card ? 6 : 4));
		Util.arrayFillNonAtomic(token, (short) 124, (short) 16, (byte) 0xFF);
		Util.arrayCopyNonAtomic(VERSIONS, (short) 0, token, (short) 140, (short) VERSIONS.length);
		Util.arrayFillNonAtomic(token, (short) 144, (short) 16, (byte) '9');
	}

	/** Whether a file is there over the interface of the command. Spec: SPEC-JPKI-AP-029. */
	private boolean exists(byte ef) {
		switch (ef) {
		case Ef.TOKEN:
		case Ef.AVAILABILITY:
		case Ef.AUTH_CERTIFICATE:
		case Ef.AUTH_CA:
		case Ef.AUTH_KEY:
		case Ef.AUTH_PIN:
		case Ef.SIGN_PIN:
			return true;
		case Ef.SIGN_CERTIFICATE:
		case Ef.SIGN_CA:
		case Ef.SIGN_KEY:
			return pins.signHere();
		default:
			return false;
		}
	}

	/** SELECT of a file. Spec: SPEC-JPKI-AP-030 to SPEC-JPKI-AP-033. */
	void select(APDU apdu, byte[] b) {
		byte p1 = b[ISO7816.OFFSET_P1];
		byte p2 = b[ISO7816.OFFSET_P2];
		Status.need(p1 != 0x04, ISO7816.SW_FILE_NOT_FOUND);
		Status.need(p1 == 0x02 && (p2 == 0x0C || p2 == 0x00), ISO7816.SW_INCORRECT_P1P2);
		Status.need(Input.receive(apdu) == 2, ISO7816.SW_WRONG_LENGTH);
		short id = Util.getShort(b, Input.DATA);
		Status.need((short) (id & (short) 0xFF00) == 0 && exists((byte) id), ISO7816.SW_FILE_NOT_FOUND);
		setCurrent((byte) id);
	}

	/** Makes a file the current one: for commands that name it by SFI, once they are done. */
	void setCurrent(byte ef) {
		state.ram[State.EF] = ef;
	}

	/** The current file; one that the interface does not have counts as none. */
	private byte current() {
		byte ef = (byte) state.ram[State.EF];
		Status.need(ef != Ef.NONE && exists(ef), ISO7816.SW_COMMAND_NOT_ALLOWED);
		return ef;
	}

	/** Refuses a P2 that names no file. Spec: SPEC-JPKI-AP-050, SPEC-JPKI-AP-071. */
	static void checkReference(byte p2) {
		Status.need((p2 & 0xE0) == 0x80 && p2 != (byte) 0x9F, ISO7816.SW_INCORRECT_P1P2);
	}

	/** The PIN's file that P2 names. */
	byte pin(byte p2) {
		byte ef = named(p2);
		Status.need(ef == Ef.AUTH_PIN || ef == Ef.SIGN_PIN, Status.WRONG_FILE);
		return ef;
	}

	/** The key's file that P2 names. */
	byte key(byte p2) {
		byte ef = named(p2);
		Status.need(ef == Ef.AUTH_KEY || ef == Ef.SIGN_KEY, Status.WRONG_FILE);
		return ef;
	}

	private byte named(byte p2) {
		if (p2 == CURRENT) {
			return current();
		}
		byte ef = (byte) (p2 & 0x1F);
		Status.need(exists(ef), ISO7816.SW_FILE_NOT_FOUND);
		return ef;
	}

	/** READ BINARY. Spec: SPEC-JPKI-AP-034 to SPEC-JPKI-AP-038. */
	void read(APDU apdu, byte[] b) {
		byte p1 = b[ISO7816.OFFSET_P1];
		boolean bySFI = p1 < 0;
		byte ef = (byte) (p1 & 0x1F);
		short offset = bySFI ? (short) (b[ISO7816.OFFSET_P2] & 0xFF) : Util.getShort(b, ISO7816.OFFSET_P1);
		Status.need(!bySFI || (p1 & 0x60) == 0 && ef != 0 && ef != 0x1F, ISO7816.SW_INCORRECT_P1P2);
		Input.refuse(apdu);
		if (bySFI) {
			Status.need(exists(ef), ISO7816.SW_FILE_NOT_FOUND);
		} else {
			ef = current();
		}
		Status.need(ef < Ef.AUTH_KEY, Status.WRONG_FILE);
		Status.need(mayRead(ef), ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
		short rest = (short) (size(ef) - offset);
		Status.need(rest > 0, ISO7816.SW_WRONG_P1P2);
		short n = apdu.setOutgoing();
		if (n > rest) {
			n = rest;
		}
		setCurrent(ef);
		apdu.setOutgoingLength(n);
		apdu.sendBytesLong(bytes(ef), offset, n);
	}

	private boolean mayRead(byte ef) {
		if (ef == Ef.SIGN_CERTIFICATE) {
			return pins.isVerified(Role.SIGN);
		}
		byte guard = Input.contactless() ? Parameters.GUARD_CONTACTLESS : Parameters.GUARD_CONTACT;
		return ef != Ef.AUTH_CERTIFICATE || (parameters.guard & guard) == 0 || pins.isVerified(Role.AUTH);
	}

	/** Spec: SPEC-JPKI-AP-039. */
	private short size(byte ef) {
		byte role = Ef.role(ef);
		switch (ef) {
		case Ef.TOKEN:
			return TOKEN_SIZE;
		case Ef.AVAILABILITY:
			return AVAILABILITY_SIZE;
		case Ef.AUTH_CA:
		case Ef.SIGN_CA:
			return state.issued() && state.has((short) (State.AUTH_CA << role)) ? content.caLength(role) : 0;
		default:
			return hasCertificate(role) ? content.certificateLength(role) : 0;
		}
	}

	/** Whether a certificate is there for the terminal. */
	boolean hasCertificate(byte role) {
		return state.issued() && state.has(State.of(State.CERTIFICATE, role));
	}

	private byte[] bytes(byte ef) {
		switch (ef) {
		case Ef.TOKEN:
			return token;
		case Ef.AVAILABILITY:
			return availability();
		case Ef.AUTH_CA:
		case Ef.SIGN_CA:
			return content.ca(Ef.role(ef));
		default:
			return content.certificate(Ef.role(ef));
		}
	}

	/** Spec: SPEC-JPKI-AP-041. */
	private byte[] availability() {
		work[0] = hasCertificate(Role.SIGN) ? AVAILABLE : 0;
		work[1] = hasCertificate(Role.AUTH) ? AVAILABLE : 0;
		work[2] = 0;
		return work;
	}
}
