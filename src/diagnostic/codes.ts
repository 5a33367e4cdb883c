/**
 * Every code that a finding or an error of bgfn carries, grouped by the part that reports it. A
 * code is part of the interface: scripts compare it, so it is never renamed and never used for
 * anything else.
 */
export type DiagnosticCode =
  | SourceCode
  | ConfigurationCode
  | DiscoveryCode
  | BundleCode
  | PackCode
  | ManifestCode
  | StoreCode
  | RuntimeCode
  | CommandCode
  | TargetCode;

/** The source of a function, as far as the build has to understand it. */
type SourceCode =
  /** The source cannot be parsed. */
  | 'SYNTAX_ERROR'
  /** Neither a default export nor a `handler`. */
  | 'EXPORT_MISSING'
  /** The default export is a plain value. */
  | 'EXPORT_INVALID'
  /** A spread in the default export hides which events it handles. */
  | 'HANDLERS_NOT_STATIC'
  /** A value of `config` is known only when the function runs. */
  | 'CONFIG_NOT_STATIC'
  /** `config` is exported, and also in the default export. */
  | 'CONFIG_TWICE';

/** Settings, in a function's `config`, in netlify.toml or in the environment. */
type ConfigurationCode =
  /** The file is not TOML. */
  | 'CONFIG_SYNTAX'
  /** The file is missing or may not be read. */
  | 'CONFIG_UNREADABLE'
  /** A setting breaks its rule. */
  | 'CONFIG_INVALID'
  /** Two settings, or a setting and the function's name, exclude each other. */
  | 'CONFIG_CONTRADICTION'
  /** No such setting, or not in this place. */
  | 'CONFIG_UNKNOWN_KEY'
  /** The setting does nothing here. */
  | 'CONFIG_NO_EFFECT'
  /** Valid, but probably not what was meant. */
  | 'CONFIG_SUSPICIOUS'
  /** Settings for one deploy context are not applied. */
  | 'CONFIG_CONTEXT_IGNORED'
  /** A file with environment variables cannot be read. */
  | 'ENV_FILE_UNREADABLE';

/** What stands in the functions directories. */
type DiscoveryCode =
  /** The functions directory does not exist. */
  | 'FUNCTIONS_DIRECTORY_MISSING'
  /** What is named as the functions directory is a file. */
  | 'FUNCTIONS_DIRECTORY_NOT_A_DIRECTORY'
  /** The functions directory may not be read. */
  | 'FUNCTIONS_DIRECTORY_UNREADABLE'
  /** Several files make the same function, or names differ only in upper and lower case. */
  | 'FUNCTION_CONFLICT'
  /** A name may have letters, digits, `-` and `_`. */
  | 'FUNCTION_NAME_INVALID'
  /** A file in the functions directory cannot be read, or is a link to nothing. */
  | 'FUNCTION_UNREADABLE'
  /** Two functions have the same path. */
  | 'ROUTE_CONFLICT'
  /** A function in a language that bgfn does not build. */
  | 'RUNTIME_UNSUPPORTED'
  /** A Go binary for another system or CPU than Linux on amd64 or arm64. */
  | 'BINARY_WRONG_PLATFORM'
  /** An executable that Go did not make. */
  | 'BINARY_NOT_GO';

/** What a function imports and reads, and the compilers' own messages. */
type BundleCode =
  /** An import that leads nowhere. */
  | 'UNRESOLVED_IMPORT'
  /** An import whose target is known only at run time. */
  | 'DYNAMIC_IMPORT'
  /** A package in a zip of Yarn's Plug'n'Play, which Node cannot read. */
  | 'PLUG_AND_PLAY'
  /** The source holds what looks like a credential. */
  | 'SECRET_IN_SOURCE'
  /** A module of a newer Node than the function runs on. */
  | 'NEWER_BUILTIN'
  /** Decorator metadata, which the bundler does not write. */
  | 'DECORATOR_METADATA'
  /** A native addon for another machine than the function runs on. */
  | 'NATIVE_TARGET'
  /** Go is needed and not installed. */
  | 'GO_MISSING'
  /** `go build` failed. */
  | 'GO_BUILD'
  /** A Go binary for another CPU than the function is built for. */
  | 'GO_BINARY_ARCHITECTURE'
  /** A message of esbuild's that has no name there. */
  | 'ESBUILD'
  /** A message of esbuild's by its name there, such as `ESBUILD_DIRECT_EVAL`. */
  | `ESBUILD_${string}`;

/** Packing, publishing and watching. */
type PackCode =
  /** One or more functions could not be built; the error carries every finding. */
  | 'BUILD_FAILED'
  /** A file of a function cannot be read. */
  | 'FILE_UNREADABLE'
  /** Two files of an artifact have one path, or a path leaves it. */
  | 'ARTIFACT_PATH_CONFLICT'
  /** An artifact exceeds a limit of the platform. */
  | 'ARTIFACT_TOO_LARGE'
  /** A prebuilt zip is damaged. */
  | 'ZIP_INVALID'
  /** The output directory cannot be written. */
  | 'OUTPUT_UNWRITABLE'
  /** The build runs on Linux and macOS only. */
  | 'UNSUPPORTED_PLATFORM'
  /** The system gives no more file watches. */
  | 'WATCH_LIMIT';

/** The manifest, and the artifacts it names, on the side that reads them. */
type ManifestCode =
  /** There is no manifest in the directory of artifacts. */
  | 'MANIFEST_MISSING'
  /** The manifest may not be read. */
  | 'MANIFEST_UNREADABLE'
  /** The manifest is not JSON. */
  | 'MANIFEST_NOT_JSON'
  /** A field of the manifest is missing or wrong. */
  | 'MANIFEST_INVALID'
  /** Written by a newer bgfn. */
  | 'MANIFEST_NEWER'
  /** Two functions have one name. */
  | 'MANIFEST_NAME_CONFLICT'
  /** A zip that the manifest names does not exist. */
  | 'ARTIFACT_MISSING'
  /** The zip cannot be read. */
  | 'ARTIFACT_CORRUPT'
  /** The zip is not the one that was built. */
  | 'ARTIFACT_MISMATCH'
  /** The zip to be deployed is not the one that was built. */
  | 'ARTIFACT_CHANGED'
  /** The zip holds what is never extracted: links, paths that lead outside, bombs. */
  | 'ARTIFACT_UNSAFE'
  /** The functions cannot be unpacked. */
  | 'EXTRACT_FAILED';

/** The queue's and the logs' databases. */
type StoreCode =
  /** There is no queue to read: no runtime has run here. */
  | 'STORE_MISSING'
  /** The file is damaged; it is left as it is. */
  | 'STORE_CORRUPT'
  /** The file belongs to another program. */
  | 'STORE_FOREIGN'
  /** Written by a newer bgfn. */
  | 'STORE_NEWER'
  /** This user may not read it. */
  | 'STORE_NOT_YOURS'
  /** The medium cannot be read or written now. */
  | 'STORE_UNAVAILABLE'
  /** `--store` names a kind of database that bgfn does not have. */
  | 'STORE_UNSUPPORTED';

/** A runtime that starts or runs, and its admin API. */
type RuntimeCode =
  /** Another process listens on the port. */
  | 'PORT_IN_USE'
  /** This user may not listen on the port. */
  | 'PORT_FORBIDDEN'
  /** `--host` is no address of this machine. */
  | 'HOST_UNKNOWN'
  /** A reload was asked of a runtime that is shutting down. */
  | 'RUNTIME_CLOSING'
  /** No admin API answers at the address. */
  | 'ADMIN_UNREACHABLE'
  /** The admin API answered with an error. */
  | 'ADMIN_REFUSED'
  /** The admin port is open to other machines, and there is no token. */
  | 'ADMIN_TOKEN_MISSING'
  /** The admin API wants a token, and was given none or another. */
  | 'ADMIN_TOKEN_WRONG';

/** A command and what it was given. */
type CommandCode =
  /** Flags and arguments. */
  | 'USAGE'
  /** There is no function of that name. */
  | 'FUNCTION_UNKNOWN'
  /** The payload is not JSON. */
  | 'PAYLOAD_NOT_JSON'
  /** The file with the payload cannot be read. */
  | 'PAYLOAD_UNREADABLE'
  /** The runtime cannot be reached. */
  | 'INVOKE_UNREACHABLE'
  /** A sync function answered with an error. */
  | 'INVOKE_FAILED'
  /** What listens at the address is not bgfn. */
  | 'INVOKE_NO_ID'
  /** There is no invocation of that id. */
  | 'INVOCATION_UNKNOWN'
  /** The beginning or end of an id that several invocations share. */
  | 'INVOCATION_AMBIGUOUS'
  /** Its state does not allow the change. */
  | 'INVOCATION_UNCHANGED'
  /** `invoke --wait` saw it fail or be cancelled. */
  | 'INVOCATION_NOT_SUCCEEDED'
  /** There is no event of that name. */
  | 'EVENT_UNKNOWN'
  /** No function listens to the event. */
  | 'EVENT_UNHEARD';

/** Infrastructure files and deployment. */
type TargetCode =
  /** The manifest has no functions. */
  | 'NOTHING_TO_DEPLOY'
  /** A schedule that the target cannot express. */
  | 'SCHEDULE_NOT_PORTABLE'
  /** A route that the target cannot express. */
  | 'ROUTE_NOT_PORTABLE'
  /** The target has no excluded paths. */
  | 'EXCLUDED_PATH_NOT_PORTABLE'
  /** The target allows fewer attempts, or other delays between them. */
  | 'RETRY_NOT_PORTABLE'
  /** The target does not limit the rate of requests. */
  | 'RATE_LIMIT_NOT_PORTABLE'
  /** A destination that the target cannot have. */
  | 'DESTINATION_NOT_PORTABLE'
  /** The function's name is longer than the target allows. */
  | 'NAME_SHORTENED'
  /** A name that the target does not allow for an environment variable. */
  | 'ENVIRONMENT_NAME_INVALID'
  /** The Terraform module takes the environment as a variable. */
  | 'ENVIRONMENT_IS_A_VARIABLE'
  /** `@aws-sdk/client-lambda` is not installed. */
  | 'AWS_SDK_MISSING'
  /** No region is set for AWS. */
  | 'AWS_REGION_MISSING'
  /** AWS does not accept the credentials, or there are none. */
  | 'AWS_CREDENTIALS'
  /** A new function on AWS needs a role, and none was given. */
  | 'AWS_ROLE_MISSING'
  /** A function's name, prefix included, is longer than AWS allows. */
  | 'AWS_NAME_TOO_LONG'
  /** The installed SDK does not know the function's runtime. */
  | 'AWS_RUNTIME_UNKNOWN'
  /** An artifact is larger than AWS takes in an upload. */
  | 'AWS_ZIP_TOO_LARGE'
  /** AWS refused to create or change a function. */
  | 'AWS_REFUSED';
