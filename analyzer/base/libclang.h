/*
 * The functions of libclang. It is not loaded with the program (see
 * libclang_load.h), so they are pointers, under their own names; who calls them
 * includes this header instead of libclang's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_BASE_LIBCLANG_H
#define ASYNCLINT_BASE_LIBCLANG_H

#include <clang-c/CXCompilationDatabase.h>
#include <clang-c/Index.h>

struct libclang {
#define FUNCTION(name) __typeof__(&clang_##name) name;
#include "base/libclang.def"
#undef FUNCTION
};

extern struct libclang libclang;

/* From here on. One that is missing is one that the linker does not find. */
#define clang_CompilationDatabase_dispose libclang.CompilationDatabase_dispose
#define clang_CompilationDatabase_fromDirectory                                \
    libclang.CompilationDatabase_fromDirectory
#define clang_CompilationDatabase_getAllCompileCommands                        \
    libclang.CompilationDatabase_getAllCompileCommands
#define clang_CompilationDatabase_getCompileCommands                           \
    libclang.CompilationDatabase_getCompileCommands
#define clang_CompileCommand_getArg libclang.CompileCommand_getArg
#define clang_CompileCommand_getDirectory libclang.CompileCommand_getDirectory
#define clang_CompileCommand_getFilename libclang.CompileCommand_getFilename
#define clang_CompileCommand_getNumArgs libclang.CompileCommand_getNumArgs
#define clang_CompileCommands_dispose libclang.CompileCommands_dispose
#define clang_CompileCommands_getCommand libclang.CompileCommands_getCommand
#define clang_CompileCommands_getSize libclang.CompileCommands_getSize
#define clang_Cursor_Evaluate libclang.Cursor_Evaluate
#define clang_Cursor_getArgument libclang.Cursor_getArgument
#define clang_Cursor_getNumArguments libclang.Cursor_getNumArguments
#define clang_Cursor_getStorageClass libclang.Cursor_getStorageClass
#define clang_Cursor_getTranslationUnit libclang.Cursor_getTranslationUnit
#define clang_Cursor_getVarDeclInitializer libclang.Cursor_getVarDeclInitializer
#define clang_Cursor_isAnonymous libclang.Cursor_isAnonymous
#define clang_Cursor_isAnonymousRecordDecl libclang.Cursor_isAnonymousRecordDecl
#define clang_Cursor_isFunctionInlined libclang.Cursor_isFunctionInlined
#define clang_Cursor_isNull libclang.Cursor_isNull
#define clang_Cursor_isVariadic libclang.Cursor_isVariadic
#define clang_EvalResult_dispose libclang.EvalResult_dispose
#define clang_EvalResult_getAsInt libclang.EvalResult_getAsInt
#define clang_EvalResult_getAsLongLong libclang.EvalResult_getAsLongLong
#define clang_EvalResult_getKind libclang.EvalResult_getKind
#define clang_File_isEqual libclang.File_isEqual
#define clang_File_tryGetRealPathName libclang.File_tryGetRealPathName
#define clang_Location_isInSystemHeader libclang.Location_isInSystemHeader
#define clang_PrintingPolicy_dispose libclang.PrintingPolicy_dispose
#define clang_PrintingPolicy_setProperty libclang.PrintingPolicy_setProperty
#define clang_Type_getModifiedType libclang.Type_getModifiedType
#define clang_Type_getNamedType libclang.Type_getNamedType
#define clang_Type_getSizeOf libclang.Type_getSizeOf
#define clang_Type_getValueType libclang.Type_getValueType
#define clang_Type_visitFields libclang.Type_visitFields
#define clang_createIndex libclang.createIndex
#define clang_defaultSaveOptions libclang.defaultSaveOptions
#define clang_disposeDiagnostic libclang.disposeDiagnostic
#define clang_disposeIndex libclang.disposeIndex
#define clang_disposeString libclang.disposeString
#define clang_disposeTranslationUnit libclang.disposeTranslationUnit
#define clang_equalCursors libclang.equalCursors
#define clang_equalRanges libclang.equalRanges
#define clang_equalTypes libclang.equalTypes
#define clang_getArgType libclang.getArgType
#define clang_getArrayElementType libclang.getArrayElementType
#define clang_getCString libclang.getCString
#define clang_getCanonicalCursor libclang.getCanonicalCursor
#define clang_getCanonicalType libclang.getCanonicalType
#define clang_getClangVersion libclang.getClangVersion
#define clang_getCursor libclang.getCursor
#define clang_getCursorBinaryOperatorKind libclang.getCursorBinaryOperatorKind
#define clang_getCursorDefinition libclang.getCursorDefinition
#define clang_getCursorExtent libclang.getCursorExtent
#define clang_getCursorKind libclang.getCursorKind
#define clang_getCursorLocation libclang.getCursorLocation
#define clang_getCursorPrettyPrinted libclang.getCursorPrettyPrinted
#define clang_getCursorPrintingPolicy libclang.getCursorPrintingPolicy
#define clang_getCursorReferenced libclang.getCursorReferenced
#define clang_getCursorSemanticParent libclang.getCursorSemanticParent
#define clang_getCursorSpelling libclang.getCursorSpelling
#define clang_getCursorTLSKind libclang.getCursorTLSKind
#define clang_getCursorType libclang.getCursorType
#define clang_getCursorUnaryOperatorKind libclang.getCursorUnaryOperatorKind
#define clang_getDiagnostic libclang.getDiagnostic
#define clang_getDiagnosticLocation libclang.getDiagnosticLocation
#define clang_getDiagnosticOption libclang.getDiagnosticOption
#define clang_getDiagnosticSeverity libclang.getDiagnosticSeverity
#define clang_getDiagnosticSpelling libclang.getDiagnosticSpelling
#define clang_getEnumConstantDeclValue libclang.getEnumConstantDeclValue
#define clang_getExpansionLocation libclang.getExpansionLocation
#define clang_getFile libclang.getFile
#define clang_getFileContents libclang.getFileContents
#define clang_getFileLocation libclang.getFileLocation
#define clang_getFileName libclang.getFileName
#define clang_getInclusions libclang.getInclusions
#define clang_getLocationForOffset libclang.getLocationForOffset
#define clang_getNullCursor libclang.getNullCursor
#define clang_getNumArgTypes libclang.getNumArgTypes
#define clang_getNumDiagnostics libclang.getNumDiagnostics
#define clang_getPointeeType libclang.getPointeeType
#define clang_getRangeEnd libclang.getRangeEnd
#define clang_getRangeStart libclang.getRangeStart
#define clang_getResultType libclang.getResultType
#define clang_getSpellingLocation libclang.getSpellingLocation
#define clang_getTranslationUnitCursor libclang.getTranslationUnitCursor
#define clang_getTranslationUnitSpelling libclang.getTranslationUnitSpelling
#define clang_getTypeDeclaration libclang.getTypeDeclaration
#define clang_getTypeSpelling libclang.getTypeSpelling
#define clang_getTypedefDeclUnderlyingType libclang.getTypedefDeclUnderlyingType
#define clang_getTypedefName libclang.getTypedefName
#define clang_getUnqualifiedType libclang.getUnqualifiedType
#define clang_isConstQualifiedType libclang.isConstQualifiedType
#define clang_isCursorDefinition libclang.isCursorDefinition
#define clang_isExpression libclang.isExpression
#define clang_isTranslationUnit libclang.isTranslationUnit
#define clang_isVolatileQualifiedType libclang.isVolatileQualifiedType
#define clang_parseTranslationUnit2 libclang.parseTranslationUnit2
#define clang_saveTranslationUnit libclang.saveTranslationUnit
#define clang_visitChildren libclang.visitChildren

#endif
