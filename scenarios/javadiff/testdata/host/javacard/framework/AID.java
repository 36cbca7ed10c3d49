package javacard.framework;

public class AID {}
