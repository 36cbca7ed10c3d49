package javacard.framework;

public class ISOException extends CardRuntimeException {
    public ISOException(short reason) {
        super(reason);
    }

    public static void throwIt(short reason) throws ISOException {
        throw new ISOException(reason);
    }
}
